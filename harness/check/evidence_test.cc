// SPDX-License-Identifier: Apache-2.0
#include "check/evidence.h"

#include "check/test_subjects.h"

namespace lockproof {
namespace {

using test::scenario_of;

class EvidenceTest : public ::testing::Test {
 protected:
  Evidence of(const Scenario& scenario, const std::vector<Choice>& choices,
              const StageOptions& options = {}) {
    auto stage = Stage::make(scenario, *scenario.subject.builtin, options);
    EXPECT_TRUE(stage.ok()) << stage.error().sentence;
    auto shown = evidence(**stage, scenario.invariants, scenario.bounds, choices);
    EXPECT_TRUE(shown.ok()) << (shown.ok() ? "" : shown.error().sentence);
    return shown.ok() ? *shown : Evidence{};
  }
};

// Looks, then makes the file: who looked too early owns, too.
void looks_first(Session& session) {
  session.claims();
  const std::string path = session.dir() + "/pid";
  const int there = session.sys().openat(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (there >= 0) return session.busy();
  test::open_file(session, "pid");
  session.owns();
  session.hold();
}
const Builtin kLooksFirst = {
    .name = "check/looks_first", .summary = "", .verbs = {{"run", looks_first}}};

TEST_F(EvidenceTest, ThePairIsTheLookThatCameTooEarly) {
  const Evidence shown = of(scenario_of(kLooksFirst, 2), {{0, 0}, {1, 0}, {0, 0}, {1, 0}});
  ASSERT_EQ(shown.findings.size(), 1u);
  EXPECT_EQ(shown.pair, 2u) << "B looks, A makes the file";
  ASSERT_EQ(shown.swapped.size(), 2u);
  EXPECT_NE(shown.swapped[0].find("O_CREAT"), std::string::npos) << shown.swapped[0];
  EXPECT_TRUE(shown.swapped[1].ends_with("-> 3")) << "B would see it: " << shown.swapped[1];
}

TEST_F(EvidenceTest, AStepKnowsWithWhichItsOrderCounts) {
  const Evidence shown = of(scenario_of(kLooksFirst, 2), {{0, 0}, {1, 0}, {0, 0}, {1, 0}});
  std::vector<std::uint64_t> after;
  for (const RunStep& step : shown.steps) after.push_back(step.after);
  EXPECT_EQ(after, (std::vector<std::uint64_t>{0, 0, 2, 3}));
}

TEST_F(EvidenceTest, WhereEveryOrderBreaksItThereIsNoPair) {
  const Evidence shown = of(scenario_of(test::kNoLock, 2), {{0, 0}, {1, 0}});
  ASSERT_EQ(shown.findings.size(), 1u);
  EXPECT_EQ(shown.pair, 0u);
}

// What happens to a process between two of its own steps could not have happened later as well.
TEST_F(EvidenceTest, APairIsOfTwoProcessesAndPossibleBothWays) {
  Scenario scenario = scenario_of(*find_builtin("canary/leaks_lock"), 3, {"no_lock_leak"});
  scenario.faults = {{"exec_child", 1}};
  const auto schedule = decode("canary/leaks_lock@v1:AAgAAAAADDD~daf45e8d");
  ASSERT_TRUE(schedule.ok()) << schedule.error().sentence;
  const Evidence shown = of(scenario, schedule->choices);
  ASSERT_EQ(shown.findings.size(), 1u);
  EXPECT_EQ(shown.pair, 0u) << "A starts a child and then gives up, or it starts none";
}

TEST_F(EvidenceTest, EachStepKnowsItsEventsAndWhoseItIs) {
  Scenario scenario = scenario_of(test::kRight, 2);
  scenario.faults = {{"kill", 1}};
  // A opens and locks; it is killed; its file is closed, which frees the lock; B opens.
  const Evidence shown = of(scenario, {{0, 0}, {0, 0}, {kFirstFault, 0}, {0, 0}, {1, 0}});
  EXPECT_TRUE(shown.findings.empty());
  ASSERT_EQ(shown.steps.size(), 5u);
  const Life lives[] = {1, 1, 1, 1, 2};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(shown.steps[i].life, lives[i]) << i;
  EXPECT_EQ(shown.events[shown.steps[1].last - 1].kind, Kind::kCall);
  EXPECT_EQ(shown.events[shown.steps[2].last - 1].kind, Kind::kEnded);
  EXPECT_EQ(shown.steps[3].last, shown.steps[2].last) << "a step of a death has no event";
  EXPECT_GT(shown.steps[4].last, shown.steps[3].last);
}

TEST_F(EvidenceTest, TheClockIsNobodys) {
  StageOptions ordered;
  ordered.time = TimeMode::kOrdered;
  const Evidence shown = of(scenario_of(test::kSleeps, 1), {{0, 0}, {kClockActor, 0}}, ordered);
  ASSERT_EQ(shown.steps.size(), 2u);
  EXPECT_EQ(shown.steps[0].life, 1u);
  EXPECT_EQ(shown.steps[1].life, kHarness);
}

class RoundTest : public EvidenceTest {
 protected:
  // The first finding of a run of three, with a kill; "": none.
  std::string broken_in(const char* subject, const std::string& letters) {
    Scenario scenario =
        scenario_of(*find_builtin(subject), 3, {"one_owner", "no_livelock", "no_hot_spin"});
    scenario.faults = {{"kill", 1}};
    std::vector<Choice> choices;
    for (const char letter : letters) {
      choices.push_back(letter == 'k' ? Choice{26, 0}
                                      : Choice{static_cast<std::uint8_t>(letter - 'A'), 0});
    }
    const Evidence shown = of(scenario, choices);
    return shown.findings.empty() ? "" : shown.findings.front().invariant;
  }
};

// A makes the directory and is killed; B and C look for it again and again.
TEST_F(RoundTest, AFairRoundWithoutAnOwnerIsALivelock) {
  EXPECT_EQ(broken_in("waiting/wait", "ABCkABCBCBCBC"), "no_livelock");
  EXPECT_EQ(broken_in("waiting/wait", "ABCkABC"), "") << "not back yet";
}

TEST_F(RoundTest, WhereSomebodyIsKeptFromAStepItIsNone) {
  EXPECT_EQ(broken_in("waiting/wait",
                      "ABCkABCBC"
                      "BB"),
            "")
      << "C could go on all the time";
}

TEST_F(RoundTest, WhileAnotherOneOwnsItIsNone) {
  EXPECT_EQ(broken_in("waiting/wait",
                      "ABCBCBC"
                      "BC"
                      "BC"),
            "");
}

TEST_F(RoundTest, OneAloneWithoutAPauseSpins) {
  EXPECT_EQ(broken_in("waiting/spin", "ABBB"), "no_hot_spin");
  EXPECT_EQ(broken_in("waiting/spin", "AB"), "");
  EXPECT_EQ(broken_in("waiting/spin", "ABBC"), "") << "the last step is another one's first";
}

}  // namespace
}  // namespace lockproof
