// SPDX-License-Identifier: Apache-2.0
#include "check/conform.h"

#include "check/test_subjects.h"

namespace lockproof {
namespace {

constexpr unsigned kRuns = 40;

Conformance compared(const Builtin& subject, sim::Pids pids, std::uint64_t seed = 1,
                     std::int64_t kills = 0) {
  Scenario scenario = test::scenario_of(subject, 3, {"one_owner", "recovers"});
  scenario.faults = {{"kill", kills}};
  auto stage = Stage::make(scenario, subject, {});
  EXPECT_TRUE(stage.ok());
  auto space = sim::SimSpace::make((*stage)->space(pids), (*stage)->tables());
  EXPECT_TRUE(space.ok());
  const auto conformance = conform(**stage, **space, kRuns, seed);
  EXPECT_TRUE(conformance.ok());
  return *conformance;
}

TEST(Conform, ASubjectThatUsesPidsAsNamesIsTheSameInBoth) {
  for (const std::int64_t kills : {0, 2}) {
    const Conformance good = compared(test::kRight, sim::Pids::kSymbolic, 1, kills);
    EXPECT_EQ(good.difference, "");
    EXPECT_EQ(good.runs, kRuns);
    EXPECT_GT(good.steps, 10u * kRuns);
  }
}

TEST(Conform, ASetupIsTheSameInBoth) {
  Scenario scenario = test::scenario_of(test::kRight, 2, {"recovers"});
  scenario.setup = {"run", "run"};  // the second one is told busy, and ends
  scenario.faults = {{"kill", 2}};
  for (const sim::Pids pids : {sim::Pids::kSymbolic, sim::Pids::kConcrete}) {
    auto stage = Stage::make(scenario, test::kRight, {});
    ASSERT_TRUE(stage.ok()) << stage.error().sentence;
    auto space = sim::SimSpace::make((*stage)->space(pids), (*stage)->tables());
    ASSERT_TRUE(space.ok()) << space.error().sentence;
    EXPECT_EQ((*space)->facts((*space)->first()).owns, 1);
    EXPECT_EQ((*space)->facts((*space)->first()).present, 0b11101) << "A, the cast, the late one";
    const auto conformance = conform(**stage, **space, kRuns, 1);
    ASSERT_TRUE(conformance.ok());
    EXPECT_EQ(conformance->difference, "");
  }
}

TEST(Conform, PidsThatAreComparedAsNumbersAreFoundOut) {
  const Conformance number = compared(test::kLowerGivesWay, sim::Pids::kSymbolic);
  EXPECT_LT(number.runs, kRuns);
  EXPECT_NE(number.difference.find(" one can choose "), std::string::npos) << number.difference;
  EXPECT_EQ(compared(test::kLowerGivesWay, sim::Pids::kConcrete).difference, "");
}

TEST(Conform, SoIsAnythingThatIsReckonedFromAPid) {
  EXPECT_NE(compared(test::kChecksummed, sim::Pids::kSymbolic).difference, "");
  EXPECT_EQ(compared(test::kChecksummed, sim::Pids::kConcrete).difference, "");
}

TEST(Conform, EqualSeedsGiveEqualRuns) {
  EXPECT_EQ(compared(test::kRight, sim::Pids::kSymbolic, 3, 1).steps,
            compared(test::kRight, sim::Pids::kSymbolic, 3, 1).steps);
  EXPECT_NE(compared(test::kRight, sim::Pids::kSymbolic, 3, 1).steps,
            compared(test::kRight, sim::Pids::kSymbolic, 4, 1).steps);
}

}  // namespace
}  // namespace lockproof
