// SPDX-License-Identifier: Apache-2.0
#include "check/live.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check/check.h"
#include "check/cover_live.h"
#include "check/test_subjects.h"
#include "explore/cover.h"

namespace lockproof {
namespace {

using test::scenario_of;

std::unique_ptr<Stage> stage_of(const Scenario& scenario) {
  auto stage = Stage::make(scenario, *scenario.subject.builtin, {});
  EXPECT_TRUE(stage.ok()) << stage.error().sentence;
  return std::move(*stage);
}

TEST(CompareLive, ARunOfRealProcessesIsTheSame) {
  Scenario scenario = scenario_of(test::kRight, 2);
  scenario.faults = {{"kill", 1}};
  // A opens, locks, is killed, and its lock is free; B opens and locks.
  const auto stage = stage_of(scenario);
  const auto compared =
      compare_live(*stage, {{0, 0}, {0, 0}, {kFirstFault, 0}, {0, 0}, {1, 0}, {1, 0}, {1, 0}});
  ASSERT_TRUE(compared.ok()) << compared.error().sentence;
  EXPECT_EQ(compared->outcome, Comparison::Outcome::kSame) << compared->why;
}

// Takes a file of the same inode number for the same file: tmpfs never gives a number again.
bool is_the_same_by_inode(Session& session) {
  const std::string path = session.dir() + "/f";
  struct stat first {};
  struct stat second {};
  session.sys().close(test::open_file(session, "f"));
  session.sys().fstatat(AT_FDCWD, path.c_str(), &first, 0);
  session.sys().unlinkat(AT_FDCWD, path.c_str(), 0);
  session.sys().close(test::open_file(session, "f"));
  session.sys().fstatat(AT_FDCWD, path.c_str(), &second, 0);
  return first.st_ino == second.st_ino;
}
void trusts_inodes(Session& session) {
  session.claims();
  if (is_the_same_by_inode(session)) return session.busy();
  session.sys().getppid();
}
void owns_by_inode(Session& session) {
  session.claims();
  if (!is_the_same_by_inode(session)) return session.busy();
  session.owns();
  session.hold();
}
const BuiltinRegistration kOwnsByInode({.name = "check/owns_by_inode",
                                        .summary = "",
                                        .verbs = {{"run", owns_by_inode}}});
const Builtin kTrustsInodes = {
    .name = "check/trusts_inodes", .summary = "", .verbs = {{"run", trusts_inodes}}};

TEST(CompareLive, WhatHappensInTheModelOnlyIsNamedByItsStep) {
  const auto stage = stage_of(scenario_of(kTrustsInodes, 1));
  const auto compared = compare_live(*stage, std::vector<Choice>(7, Choice{0, 0}));
  ASSERT_TRUE(compared.ok()) << compared.error().sentence;
  EXPECT_EQ(compared->outcome, Comparison::Outcome::kDiffers);
  EXPECT_TRUE(compared->why.starts_with("step 7: process 0: it says")) << compared->why;
}

// A call that the port does not have: nobody sees it in the simulated kernel.
void calls_past_the_port(Session& session) {
  session.claims();
  ::syscall(SYS_getpriority, PRIO_PROCESS, 0);
  session.sys().getppid();
}
const Builtin kCallsPastThePort = {
    .name = "check/calls_past_the_port", .summary = "", .verbs = {{"run", calls_past_the_port}}};

TEST(CompareLive, WhatLinuxIsNotAskedForIsRefusedByName) {
  const auto stage = stage_of(scenario_of(kCallsPastThePort, 1));
  const auto compared = compare_live(*stage, {});
  ASSERT_TRUE(compared.ok()) << compared.error().sentence;
  EXPECT_EQ(compared->outcome, Comparison::Outcome::kNotMade);
  EXPECT_EQ(compared->why, "at the start: process 0 makes the call 140, which is not known");
}

TEST(CompareLive, AChoiceThatIsNotPossibleIsAnError) {
  const auto stage = stage_of(scenario_of(test::kRight, 1));
  const auto compared = compare_live(*stage, {{0, 0}, {1, 0}});
  ASSERT_FALSE(compared.ok());
  EXPECT_EQ(compared.error().sentence, "step 2 of the schedule is not possible there");
}

TEST(CompareLive, ACheckSaysWhatLinuxSaysOfItsRun) {
  const auto checked = check(scenario_of(test::kNoLock, 2), {});
  ASSERT_TRUE(checked.ok());
  ASSERT_FALSE(checked->notes.empty());
  EXPECT_EQ(checked->on_linux, (OnLinux{true, ""}));
  EXPECT_EQ(checked->notes.back(),
            "confirmed on Linux: real processes made these 2 steps, each call and answer the same");
  CheckOptions options;
  options.world = InWorld::kSim;
  const auto unasked = check(scenario_of(test::kNoLock, 2), options);
  ASSERT_TRUE(unasked.ok());
  for (const std::string& note : unasked->notes) EXPECT_EQ(note.find("Linux"), note.npos);
  EXPECT_EQ(unasked->on_linux, OnLinux{});
}

TEST(CompareLive, SoItDoesOfEachMutant) {
  Scenario scenario = scenario_of(test::kRight, 2);
  scenario.mutants = {{"canary/no_lock", "one_owner"}, {"check/owns_by_inode", "one_owner"}};
  const auto checked = check(scenario, {});
  ASSERT_TRUE(checked.ok());
  ASSERT_EQ(checked->mutants.size(), 2u);
  EXPECT_EQ(checked->mutants[0].on_linux, (OnLinux{true, ""}));
  const MutantResult& other = checked->mutants[1];
  EXPECT_TRUE(other.caught);
  EXPECT_EQ(other.on_linux.confirmed, std::optional(false));
  EXPECT_NE(other.on_linux.difference.find("it says owns in sim, busy in live"), std::string::npos)
      << other.on_linux.difference;
  EXPECT_EQ(checked->notes.back(),
            "mutant check/owns_by_inode: in the model only: " + other.on_linux.difference);
  CheckOptions options;
  options.world = InWorld::kSim;
  const auto unasked = check(scenario, options);
  ASSERT_TRUE(unasked.ok());
  EXPECT_EQ(unasked->mutants[0].on_linux, OnLinux{});
}

TEST(CompareLive, AReplayInLiveShowsNothingThatLinuxDoesNot) {
  const auto same =
      replay(scenario_of(test::kNoLock, 2), {"x", 1, {{0, 0}, {1, 0}}}, {}, InWorld::kLive);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->world, "live");
  EXPECT_EQ(same->verdict, Verdict::kViolated);
  const auto other = replay(scenario_of(kTrustsInodes, 1),
                            {"x", 1, std::vector<Choice>(7, Choice{0, 0})}, {}, InWorld::kLive);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->world, "sim");
  EXPECT_EQ(other->verdict, Verdict::kInconclusive);
  EXPECT_TRUE(other->reason.starts_with("in the model only: step 7")) << other->reason;
}

TEST(ConformLive, RandomRunsAreTheSame) {
  Scenario scenario = scenario_of(test::kRight, 3);
  scenario.faults = {{"kill", 1}, {"term", 1}, {"stop", 1}, {"errno", 1}, {"reboot", 1}};
  const auto stage = stage_of(scenario);
  const auto found = conform_live(*stage, 40, 3);
  ASSERT_TRUE(found.ok()) << found.error().sentence;
  EXPECT_EQ(found->difference, "");
  EXPECT_EQ(found->runs, 40u) << found->refusal;
  EXPECT_GT(found->steps, 300u);
}

TEST(ConformLive, SoAreThoseInPidNamespaces) {
  Scenario scenario = scenario_of(*find_builtin("namespaces/namespace_id"), 4);
  scenario.namespaces = {1, 1, 2, 0};
  scenario.faults = {{"kill", 1}, {"reboot", 1}, {"exec_child", 1}};
  const auto stage = stage_of(scenario);
  const auto found = conform_live(*stage, 20, 3);
  ASSERT_TRUE(found.ok()) << found.error().sentence;
  EXPECT_EQ(found->difference, "");
  EXPECT_EQ(found->runs, 20u) << found->refusal;
  EXPECT_GT(found->steps, 150u);
}

TEST(ConformLive, ADifferenceEndsIt) {
  const auto stage = stage_of(scenario_of(kTrustsInodes, 1));
  const auto found = conform_live(*stage, 40, 3);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->runs, 0u);
  EXPECT_TRUE(found->difference.starts_with("run 1, step 7")) << found->difference;
}

// The same strategy over the same contract: what it sees must be the same, too.
class ExploreLive : public testing::TestWithParam<const char*> {};

TEST_P(ExploreLive, MakesTheSameRunsAsInTheSimulatedKernel) {
  Scenario scenario = scenario_of(*find_builtin(GetParam()), 2);
  scenario.faults = {{"kill", 1}};
  CheckOptions options;
  options.strategy = "dpor";
  options.world = InWorld::kSim;
  const auto simulated = check(scenario, options);
  options.world = InWorld::kLive;
  const auto live = check(scenario, options);
  ASSERT_TRUE(simulated.ok() && live.ok());
  EXPECT_EQ(live->world, "live");
  EXPECT_EQ(live->verdict, simulated->verdict);
  EXPECT_EQ(live->counts, simulated->counts);
  EXPECT_GT(count_of(*live, "executions"), 1u);
  EXPECT_EQ(live->findings.size(), simulated->findings.size());
  EXPECT_EQ(live->steps, simulated->steps);
}
INSTANTIATE_TEST_SUITE_P(Protocols, ExploreLive,
                         testing::Values("classic/o_excl", "classic/link", "classic/flock_unlink",
                                         "classic/mkdir_steal", "genie/read_check_unlink_write"));

TEST(ExploreLiveToo, ARunThatBreaksAPromiseReplaysThere) {
  CheckOptions options;
  options.strategy = "dpor";
  options.world = InWorld::kLive;
  const auto found = check(scenario_of(test::kNoLock, 2), options);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->verdict, Verdict::kViolated);
  EXPECT_TRUE(found->replay.ends_with(" --world live")) << found->replay;
}

// All that a search has seen.
class CoverLive : public testing::Test {
 protected:
  static LiveCover cover(const Scenario& scenario, unsigned depth = Cover::kAnyDepth,
                         const CheckOptions& options = {}) {
    auto stage = stage_of(scenario);
    auto covered = cover_live(*stage, sim::Pids::kConcrete, depth, options);
    EXPECT_TRUE(covered.ok()) << covered.error().sentence;
    return covered.ok() ? std::move(*covered) : LiveCover{};
  }
  static Scenario killed(Scenario scenario) {
    scenario.faults = {{"kill", 1}};
    return scenario;
  }
  static Result<RunResult> check_live(const Scenario& scenario) {
    CheckOptions options;
    options.world = InWorld::kLive;
    return check(scenario, options);
  }
};

TEST_F(CoverLive, AsksEachQuestion) {
  const LiveCover covered = cover(killed(scenario_of(test::kRight, 2)));
  EXPECT_EQ(covered.difference + covered.refusal + covered.stopped, "");
  EXPECT_GT(covered.steps, 100u);
  EXPECT_LT(covered.questions, covered.steps);
  EXPECT_EQ(covered.asked, covered.questions);
  EXPECT_GE(2 * covered.transitions, covered.questions);
  EXPECT_LT(covered.runs, covered.questions);
  EXPECT_TRUE(covered.choices.empty());
}

TEST_F(CoverLive, UpToADepth) {
  const LiveCover covered = cover(scenario_of(test::kNoLock, 2), 1);
  EXPECT_EQ(covered.steps, 2u);
  EXPECT_EQ(covered.asked, 3u);
}

TEST_F(CoverLive, NamesTheFirstDifferenceAndTheRunThatShowsIt) {
  const LiveCover covered = cover(killed(scenario_of(kTrustsInodes, 2)));
  EXPECT_NE(covered.difference.find(" in live"), std::string::npos) << covered.difference;
  EXPECT_LT(covered.asked, covered.questions);
  const auto stage = stage_of(killed(scenario_of(kTrustsInodes, 2)));
  const auto compared = compare_live(*stage, covered.choices);
  ASSERT_TRUE(compared.ok());
  EXPECT_EQ(compared->outcome, Comparison::Outcome::kDiffers);
  EXPECT_EQ(compared->why, covered.difference);
}

TEST_F(CoverLive, WhatLinuxIsNotAskedForEndsIt) {
  const LiveCover covered = cover(scenario_of(kCallsPastThePort, 1));
  EXPECT_EQ(covered.refusal, "at the start: process 0 makes the call 140, which is not known");
}

TEST_F(CoverLive, ALimitEndsIt) {
  CheckOptions options;
  options.limits.seconds = 1e-9;
  const LiveCover covered = cover(scenario_of(test::kRight, 2), Cover::kAnyDepth, options);
  EXPECT_EQ(covered.stopped, "the time budget was reached");
  EXPECT_EQ(covered.asked, 0u);
}

TEST_F(CoverLive, MakesASearchAVerdictOnLinux) {
  const auto checked = check_live(killed(scenario_of(test::kRight, 2)));
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->world, "live");
  EXPECT_EQ(checked->verdict, Verdict::kHolds) << checked->reason;
  EXPECT_EQ(count_of(*checked, "asked"), count_of(*checked, "questions"));
  EXPECT_GT(count_of(*checked, "executions"), 1u);
}

TEST_F(CoverLive, NoShorterRunThanTheShortestIsThereEither) {
  const auto checked = check_live(scenario_of(test::kNoLock, 2));
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->verdict, Verdict::kViolated);
  EXPECT_EQ(checked->on_linux.confirmed, std::optional(true));
  EXPECT_TRUE(checked->shortest);
  EXPECT_EQ(checked->steps, 2u);
  EXPECT_TRUE(checked->replay.ends_with(" --world live")) << checked->replay;
  // One of two begins, which is the same for both; then that one goes on, or the other begins.
  EXPECT_EQ(count_of(*checked, "transitions"), 4u);
  EXPECT_EQ(count_of(*checked, "asked"), count_of(*checked, "questions"));
}

TEST_F(CoverLive, WhatBreaksInTheModelOnlyIsInconclusive) {
  const Builtin* const subject = find_builtin("check/owns_by_inode");
  const auto checked = check_live(scenario_of(*subject, 2));
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->verdict, Verdict::kInconclusive);
  EXPECT_TRUE(checked->reason.starts_with("in the model only: step ")) << checked->reason;
}

TEST_F(CoverLive, WhatHoldsInTheModelOnlyIsInconclusive) {
  const auto checked = check_live(scenario_of(kTrustsInodes, 2));
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->verdict, Verdict::kInconclusive);
  EXPECT_TRUE(checked->reason.starts_with("the model differs from Linux: step "))
      << checked->reason;
  EXPECT_TRUE(checked->replay.starts_with("lockproof replay ")) << checked->replay;
}

}  // namespace
}  // namespace lockproof
