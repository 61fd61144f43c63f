// SPDX-License-Identifier: Apache-2.0
#include "check/check.h"

#include "check/test_subjects.h"

namespace lockproof {
namespace {

using test::scenario_of;

const BuiltinRegistration kMutants[] = {
    {{.name = "check/broken", .summary = "", .verbs = {{"run", test::no_lock}}}},
    {{.name = "check/no_mutant", .summary = "", .verbs = {{"run", test::right}}}},
};

RunResult checked(const Scenario& scenario, const CheckOptions& options = {}) {
  auto result = check(scenario, options);
  EXPECT_TRUE(result.ok()) << result.error().sentence;
  return *result;
}
bool noted(const RunResult& result, std::string_view text) {
  for (const std::string& note : result.notes) {
    if (note.find(text) != std::string::npos) return true;
  }
  return false;
}
Schedule schedule_in(const std::string& replay) {
  const auto schedule = decode(replay.substr(std::string("lockproof replay ").size()));
  EXPECT_TRUE(schedule.ok()) << replay;
  return *schedule;
}

TEST(CheckTest, WhatHoldsHasACertificate) {
  Scenario scenario = scenario_of(test::kRight, 3, {"one_owner", "recovers", "clean_exit"});
  scenario.faults = {{"kill", 1}, {"fork_child", 1}};
  const RunResult result = checked(scenario);
  EXPECT_EQ(result.verdict, Verdict::kHolds) << result.reason;
  EXPECT_EQ(result.exhausted, "every run, with any number of retries");
  EXPECT_TRUE(noted(result, " steps deep; pids are names"));
  EXPECT_TRUE(noted(result, "200 random runs agreed"));
  EXPECT_TRUE(noted(result, "left to stress: the faults fork_child"));
  EXPECT_EQ(result.bounds, "3 processes and a late one, 1 kill, time-outs at any time");
  EXPECT_EQ(result.replay, "");
  EXPECT_GT(count_of(result, "states"), 100u);
}

TEST(CheckTest, WhatIsViolatedHasARunThatShowsIt) {
  const Scenario scenario = scenario_of(test::kNoLock, 2);
  const RunResult result = checked(scenario);
  EXPECT_EQ(result.verdict, Verdict::kViolated);
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].invariant, "one_owner");
  EXPECT_EQ(result.steps, 2u);
  const auto again = replay(scenario, schedule_in(result.replay), {});
  ASSERT_TRUE(again.ok()) << again.error().sentence;
  EXPECT_EQ(again->verdict, Verdict::kViolated);
  EXPECT_EQ(again->findings.at(0).why, result.findings[0].why);
  EXPECT_EQ(again->history.events, result.history.events);
  EXPECT_EQ(again->replay, result.replay);
}

TEST(CheckTest, ARunThatBreaksNothingSaysSoAndOneThatCannotBeIsAnError) {
  const Scenario scenario = scenario_of(test::kNoLock, 2);
  Schedule schedule = schedule_in(checked(scenario).replay);
  schedule.choices.pop_back();
  const auto shorter = replay(scenario, schedule, {});
  EXPECT_EQ(shorter->verdict, Verdict::kInconclusive);
  EXPECT_EQ(shorter->reason, "this run breaks no promise; other runs might");
  schedule.choices.push_back({7, 0});
  const auto impossible = replay(scenario, schedule, {});
  ASSERT_FALSE(impossible.ok());
  EXPECT_EQ(impossible.error().kind, Error::Kind::kUsage);
  EXPECT_EQ(impossible.error().sentence, "step 2 of the schedule is not possible there");
}

TEST(CheckTest, WhoDoesNotRecoverIsFoundAtRest) {
  const Builtin* subject = find_builtin("canary/never_recovers");
  ASSERT_NE(subject, nullptr);
  Scenario scenario = scenario_of(*subject, 1, {"recovers"});
  EXPECT_EQ(checked(scenario).verdict, Verdict::kHolds);
  scenario.faults = {{"kill", 1}};
  const RunResult result = checked(scenario);
  EXPECT_EQ(result.verdict, Verdict::kViolated);
  EXPECT_EQ(replay(scenario, schedule_in(result.replay), {})->findings.size(), 1u);
}

TEST(CheckTest, AMutantThatIsCaughtIsNamed) {
  Scenario scenario = scenario_of(test::kRight, 2);
  scenario.mutants = {{"check/broken", "one_owner"}};
  const RunResult result = checked(scenario);
  EXPECT_EQ(result.verdict, Verdict::kHolds);
  ASSERT_EQ(result.mutants.size(), 1u);
  EXPECT_TRUE(result.mutants[0].caught);
  EXPECT_EQ(result.mutants[0].steps, 2u);
}

TEST(CheckTest, WhereAMutantGetsAwayNothingIsShown) {
  Scenario scenario = scenario_of(test::kRight, 2);
  scenario.mutants = {{"check/broken", "one_owner"}, {"check/no_mutant", "one_owner"}};
  const RunResult result = checked(scenario);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_EQ(result.reason,
            "the mutant check/no_mutant was not caught: this scenario would not notice");
  EXPECT_FALSE(noted(result, "mutant check/no_mutant")) << "there is no more to say";
  CheckOptions options;
  options.mutants = false;
  EXPECT_EQ(checked(scenario, options).verdict, Verdict::kHolds);
}

TEST(CheckTest, ASubjectThatReckonsWithPidsIsSearchedWithThemAsTheyAre) {
  const RunResult result = checked(scenario_of(test::kChecksummed, 2));
  EXPECT_EQ(result.verdict, Verdict::kHolds) << result.reason;
  EXPECT_TRUE(noted(result, " steps deep; pids as they are;"));
}

// A run that begins when somebody owns.
TEST(CheckTest, TheSetupOwnsBeforeTheRunBegins) {
  Scenario scenario = scenario_of(test::kRight, 1);
  scenario.cast = {{"other"}};
  scenario.setup = {"run"};
  const RunResult result = checked(scenario);
  EXPECT_EQ(result.verdict, Verdict::kViolated) << result.reason;
  EXPECT_EQ(result.steps, 1u) << "the other one owns, too";
  EXPECT_EQ(schedule_in(result.replay).choices, (std::vector<Choice>{{1, 0}}));
  const auto again = replay(scenario, schedule_in(result.replay), {});
  ASSERT_TRUE(again.ok()) << again.error().sentence;
  EXPECT_EQ(again->findings.at(0).why, result.findings[0].why);
  EXPECT_EQ(again->history.events, result.history.events);
}

TEST(CheckTest, WhoIsThereBeforeMayDieInTheRun) {
  Scenario scenario = scenario_of(test::kRight, 1, {"one_owner", "recovers"});
  scenario.setup = {"run"};
  scenario.faults = {{"kill", 1}};
  EXPECT_EQ(checked(scenario).verdict, Verdict::kHolds);
}

TEST(CheckTest, BehindASleepARunGoesOn) {
  CheckOptions options;
  for (const TimeMode time : {TimeMode::kAnyTime, TimeMode::kOrdered}) {
    options.stage.time = time;
    const RunResult result = checked(scenario_of(test::kSleeps, 2), options);
    EXPECT_EQ(result.verdict, Verdict::kViolated) << result.bounds;
  }
}

// Where it stands nothing happens any more, but that is not rest: nobody knows what Linux would do.
TEST(CheckTest, ARefusedCallKeepsNobodyOut) {
  static const Builtin kAsksTooMuch{
      "testing/asks_too_much", "", {{"run", [](Session& session) {
                                       session.claims();
                                       session.sys().openat(AT_FDCWD, "/proc/cpuinfo", O_RDONLY, 0);
                                       session.owns();
                                     }}}};
  const RunResult result = checked(test::scenario_of(kAsksTooMuch, 1, {"recovers"}));
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_NE(result.reason.find("the model refused: open cwd"), std::string::npos) << result.reason;
}

TEST(CheckTest, ALimitIsInconclusive) {
  CheckOptions options;
  options.limits.states = 1;
  Scenario scenario = scenario_of(test::kRight, 4);
  scenario.faults = {{"kill", 2}};
  const RunResult result = checked(scenario, options);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_NE(result.reason.find(" states was reached"), std::string::npos);
  EXPECT_EQ(result.exhausted, "");
}

TEST(CheckTest, ACommandThatCannotBeLearnedIsSkippedIfThereAreMany) {
  const auto scenario =
      one_line_scenario(CommandSubject::Type::kWrapper, "mkfifo {dir}/f {critical}");
  ASSERT_TRUE(scenario.ok());
  CheckOptions options;
  options.stage.owner = LOCKPROOF_BIN "/lockproof-owner";
  options.stage.processes = 3;
  const auto result = check(*scenario, options);
  ASSERT_TRUE(result.ok()) << result.error().sentence;
  EXPECT_EQ(result->verdict, Verdict::kSkipped);
  EXPECT_NE(result->reason.find("not learned: the program makes the call mknodat"),
            std::string::npos)
      << result->reason;
}

// One that lacks its configuration, say. A promise about owners holds of it, and says nothing.
TEST(CheckTest, WhereNobodyEverOwnsNothingIsShown) {
  for (const InWorld world : {InWorld::kAuto, InWorld::kLive}) {
    auto scenario = one_line_scenario(CommandSubject::Type::kWrapper,
                                      "dash -c ': >$0; exit 1' {dir}/d {critical}");
    ASSERT_TRUE(scenario.ok());
    scenario->invariants = {"one_owner"};
    scenario->faults.clear();
    CheckOptions options;
    options.world = world;
    options.stage.owner = LOCKPROOF_BIN "/lockproof-owner";
    const auto result = check(*scenario, options);
    ASSERT_TRUE(result.ok()) << result.error().sentence;
    EXPECT_EQ(result->verdict, Verdict::kInconclusive);
    EXPECT_EQ(result->reason, "nobody ever owned, so no promise was put to the test");
  }
}

TEST(CheckTest, AWrapperWithoutItsHelperIsAnErrorOfUse) {
  const auto scenario =
      one_line_scenario(CommandSubject::Type::kWrapper, "flock {dir}/f {critical}");
  ASSERT_TRUE(scenario.ok());
  const auto result = check(*scenario, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::kUsage);
}

TEST(CheckTest, WhatCannotBeStagedIsAnErrorOfUse) {
  const auto result = check(scenario_of(test::kOwnsAtOnce, 2), {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::kUsage);
}

}  // namespace
}  // namespace lockproof
