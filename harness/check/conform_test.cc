// SPDX-License-Identifier: Apache-2.0
#include "check/conform.h"

#include <rapidcheck.h>

#include "check/test_subjects.h"
#include "faults/faults.h"

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

// A call that the kernel model does not have: a choice like any other until it is tried.
TEST(Conform, WhatTheKernelRefusesIsNoDifference) {
  static const Builtin kAsksTooMuch{
      "testing/asks_too_much", "", {{"run", [](Session& session) {
                                       session.claims();
                                       session.sys().openat(AT_FDCWD, "/proc/cpuinfo", O_RDONLY, 0);
                                       session.busy();
                                     }}}};
  EXPECT_EQ(compared(kAsksTooMuch, sim::Pids::kSymbolic).difference, "");
  EXPECT_EQ(compared(kAsksTooMuch, sim::Pids::kConcrete).difference, "");
}

TEST(Conform, SoIsAnythingThatIsReckonedFromAPid) {
  EXPECT_NE(compared(test::kChecksummed, sim::Pids::kSymbolic).difference, "");
  EXPECT_EQ(compared(test::kChecksummed, sim::Pids::kConcrete).difference, "");
}

// A run of any subject, with faults of all kinds.
struct Setting {
  std::string text;
  Scenario scenario;
  StageOptions options;
};

// As a scenario can have them.
void set_namespaces(Scenario& scenario) {
  const std::size_t processes = scenario.setup.size() + scenario.cast.size();
  scenario.namespaces = *rc::gen::container<std::vector<unsigned>>(
      processes, rc::gen::inRange(0u, kMaxNamespace + 1));
  for (auto& [file, state] : scenario.files) {
    if (state == "recycled" || state == "self") state = "'1001\n'";
  }
  if (*rc::gen::arbitrary<bool>()) {
    scenario.faults.erase("pid_reuse");
  } else {
    scenario.faults.erase("reboot");
  }
}

Setting any_setting() {
  Setting setting;
  const auto& subjects = all_builtins();
  const Builtin& subject = subjects[*rc::gen::inRange<std::size_t>(0, subjects.size())];
  Scenario& scenario = setting.scenario;
  scenario = test::scenario_of(subject, *rc::gen::inRange<std::size_t>(1, 4));
  if (*rc::gen::arbitrary<bool>()) scenario.invariants = {"recovers"};
  for (const FaultInfo& fault : all_faults()) {
    if (*rc::gen::arbitrary<bool>()) scenario.faults[std::string(fault.name)] = 1;
  }
  if (*rc::gen::arbitrary<bool>()) scenario.setup = {std::string(subject.verbs.front().name)};
  if (!subject.record.empty()) {
    scenario.files["record"] =
        *rc::gen::element<std::string>("absent", "dead", "recycled", "self", "torn", "empty");
  }
  if (*rc::gen::arbitrary<bool>()) set_namespaces(scenario);
  setting.options.time = *rc::gen::element(TimeMode::kAnyTime, TimeMode::kOrdered);
  setting.text = std::string(subject.name) + ", " + scenario.files["record"];
  for (const auto& [fault, budget] : scenario.faults) setting.text += ", " + fault;
  if (subject.record.empty()) scenario.files.clear();
  return setting;
}

TEST(Conform, EverySubjectIsTheSameInBothWhateverFaultsCome) {
  EXPECT_TRUE(rc::check([] {
    const Setting setting = any_setting();
    auto stage = Stage::make(setting.scenario, *setting.scenario.subject.builtin, setting.options);
    RC_PRE(stage.ok());  // not, when the setup waits
    const std::uint64_t seed = *rc::gen::arbitrary<std::uint64_t>();
    RC_LOG() << setting.text << ": " << (*stage)->bounds();
    // Once somebody was seen to look at how far others are in dying, all begins anew (check.cc).
    for (bool again = true; again;) {
      const bool seen = (*stage)->tables().states_are_seen;
      auto space = sim::SimSpace::make((*stage)->space(sim::Pids::kConcrete), (*stage)->tables());
      RC_ASSERT(space.ok());
      const auto conformance = conform(**stage, **space, 10, seed);
      RC_ASSERT(conformance.ok());
      again = (*stage)->tables().states_are_seen != seen;
      if (!again) RC_ASSERT(conformance->difference == "");
    }
  }));
}

TEST(Conform, ErrorsAndSteppedClocksLeavePidsNames) {
  Scenario scenario = test::scenario_of(test::kRight, 3, {"recovers"});
  scenario.faults = {{"errno", 2}, {"clock_step", 1}, {"kill", 1}};
  auto stage = Stage::make(scenario, test::kRight, {});
  auto space = sim::SimSpace::make((*stage)->space(sim::Pids::kSymbolic), (*stage)->tables());
  const auto conformance = conform(**stage, **space, kRuns, 1);
  EXPECT_EQ(conformance->difference, "");
  EXPECT_FALSE((*space)->pids_are_numbers());
}

TEST(Conform, AClockThatIsSetIsSetInBoth) {
  const Builtin* lease = find_builtin("stale/lease_wall");
  ASSERT_NE(lease, nullptr);
  Scenario scenario = test::scenario_of(*lease, 2);
  scenario.faults = {{"clock_step", 3'600'000}};
  auto stage = Stage::make(scenario, *lease, {});
  auto space = sim::SimSpace::make((*stage)->space(sim::Pids::kSymbolic), (*stage)->tables());
  const auto conformance = conform(**stage, **space, 5 * kRuns, 1);
  EXPECT_EQ(conformance->difference, "");
  EXPECT_EQ(conformance->runs, 5 * kRuns);
}

// Who fails at the end of its sleep sleeps no more, and the clock goes on for the others.
TEST(Conform, ASleepThatFailsIsOver) {
  Scenario scenario = test::scenario_of(test::kSleepsTwice, 2);
  scenario.faults = {{"errno", 1}};
  auto stage = Stage::make(scenario, test::kSleepsTwice, {0, -1, TimeMode::kOrdered});
  ASSERT_TRUE(stage.ok()) << stage.error().sentence;
  auto space = sim::SimSpace::make((*stage)->space(sim::Pids::kSymbolic), (*stage)->tables());
  const auto conformance = conform(**stage, **space, 5 * kRuns, 1);
  EXPECT_EQ(conformance->difference, "");
}

TEST(Conform, RebootsAndPidsGivenAgainMakeNumbersOfThem) {
  for (const char* fault : {"reboot", "pid_reuse"}) {
    Scenario scenario = test::scenario_of(test::kRight, 3, {"recovers"});
    scenario.faults = {{fault, 1}};
    auto stage = Stage::make(scenario, test::kRight, {});
    auto space = sim::SimSpace::make((*stage)->space(sim::Pids::kSymbolic), (*stage)->tables());
    EXPECT_TRUE((*space)->pids_are_numbers()) << fault;
  }
}

std::string difference(const Scenario& scenario, TimeMode time = TimeMode::kAnyTime) {
  const Builtin& subject = *scenario.subject.builtin;
  auto stage = Stage::make(scenario, subject, {0, -1, time});
  EXPECT_TRUE(stage.ok()) << stage.error().sentence;
  auto space = sim::SimSpace::make((*stage)->space(sim::Pids::kConcrete), (*stage)->tables());
  EXPECT_TRUE(space.ok());
  const auto conformance = conform(**stage, **space, 10 * kRuns, 1);
  EXPECT_TRUE(conformance.ok());
  return conformance->difference;
}

// The late one's place is a child's then, which has begun; the late one has not.
TEST(Conform, WhoIsKilledBeforeItBeginsLeavesItsPlaceToOthers) {
  static const Builtin kKillsTheThird{
      "testing/kills_the_third", "", {{"run", [](Session& session) {
                                         session.claims();
                                         if (session.sys().getpid() == 1001)
                                           session.sys().kill(1003, SIGKILL);
                                         session.owns();
                                         session.hold();
                                         session.gives_up();
                                         session.released();
                                       }}}};
  Scenario scenario = test::scenario_of(kKillsTheThird, 1, {"one_owner", "recovers"});
  scenario.setup = {"run"};
  scenario.faults = {{"exec_child", 1}, {"term", 1}};
  EXPECT_EQ(difference(scenario), "");
}

TEST(Conform, WhoIsStoppedInASleepHoldsUpNoClock) {
  Scenario scenario = test::scenario_of(test::kSleepsTwice, 3);
  scenario.faults = {{"stop", 1}};
  EXPECT_EQ(difference(scenario, TimeMode::kOrdered), "");
}

// A file says when a lease ends, by a clock that begins anew.
TEST(Conform, WhatAClockSaidBeforeARebootIsComparedWithWhatItSaysNow) {
  const Builtin* lease = find_builtin("wild/lease_runs_out");
  ASSERT_NE(lease, nullptr);
  Scenario scenario = test::scenario_of(*lease, 1);
  scenario.setup = {"run"};
  scenario.faults = {{"reboot", 1}};
  EXPECT_EQ(difference(scenario), "");
}

TEST(Conform, WhatTheKernelHasNoPlaceForIsNoDifference) {
  Scenario scenario = test::scenario_of(test::kRight, 8);
  scenario.faults = {{"exec_child", 1}, {"pid_reuse", 1}, {"kill", 1}};
  EXPECT_EQ(difference(scenario), "");
}

TEST(Conform, EqualSeedsGiveEqualRuns) {
  EXPECT_EQ(compared(test::kRight, sim::Pids::kSymbolic, 3, 1).steps,
            compared(test::kRight, sim::Pids::kSymbolic, 3, 1).steps);
  EXPECT_NE(compared(test::kRight, sim::Pids::kSymbolic, 3, 1).steps,
            compared(test::kRight, sim::Pids::kSymbolic, 4, 1).steps);
}

}  // namespace
}  // namespace lockproof
