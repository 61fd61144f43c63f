// SPDX-License-Identifier: Apache-2.0
// All strategies against each other, on small generated runs: what reduces must lose nothing, what
// samples must invent nothing.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "explore/dfs.h"
#include "explore/dpor.h"
#include "explore/generated.h"
#include "explore/random_walks.h"
#include "faults/faults.h"
#include "sim/sim_world.h"

namespace lockproof::test {
namespace {

using Scripts = std::vector<std::vector<std::uint8_t>>;

constexpr std::uint64_t kMost = 60'000;  // executions of a naive exploration: more is not compared

std::vector<std::string> broken(const Explored& explored) {
  std::vector<std::string> names;
  for (const auto& [name, violation] : explored.violations) names.push_back(name);
  return names;
}

Explored run_all(const Problem& problem, Strategy& strategy, std::uint64_t executions) {
  Limits limits;
  limits.executions = executions;
  auto explored = explore(problem, strategy, limits);
  EXPECT_TRUE(explored.ok());
  return explored.ok() ? *explored : Explored{};
}

struct Case {
  std::size_t processes;
  std::size_t calls;                 // of each, at most
  std::string fault;                 // once
  std::uint8_t lines = kPlainLines;  // of line_of()
  bool stays = true;                 // who has made its calls waits for ever
  bool late = false;                 // the last process
  TimeMode time = TimeMode::kAnyTime;
};

// What the strategies disagree about; "" when about nothing.
struct Comparison {
  std::string difference;
  std::string text;
  Explored all;
};

Comparison compare(const Case& shape, const Scripts& scripts) {
  sim::SimWorld world;
  Generated generated(scripts, 0, shape.lines, shape.stays);
  const auto& faults = all_faults();
  for (std::size_t i = 0; i < faults.size(); ++i) {
    generated.rules.budget[i] = faults[i].name == shape.fault ? 1 : 0;
  }
  generated.rules.late.assign(shape.processes, false);
  generated.rules.late.back() = shape.late;
  generated.rules.time = shape.time;
  const Problem problem = generated.problem(world);
  Dfs naive;
  Comparison result{"", generated.text(), run_all(problem, naive, kMost)};
  const Explored& all = result.all;
  if (!all.exhausted) return result;
  const auto check = [&](bool holds, const std::string& what) {
    if (!holds) result.difference += what + "\n";
  };
  Dpor reduced(problem);
  const Explored some = run_all(problem, reduced, kMost);
  check(some.exhausted, "the reduced exploration did not come to its end");
  check(some.end_states == all.end_states, "other end states");
  check(broken(some) == broken(all), "other claims are broken");
  check(some.executions <= all.executions, "the reduced exploration is larger");
  PlainRandom random(problem, all.executions);
  UniformWalk uniform(problem, all.executions);
  Pct pct(problem, all.executions, 3);
  for (Strategy* const sampler : std::initializer_list<Strategy*>{&random, &uniform, &pct}) {
    const Explored found = run_all(problem, *sampler, 20);
    check(std::includes(all.end_states.begin(), all.end_states.end(), found.end_states.begin(),
                        found.end_states.end()),
          "an invented end state");
    for (const std::string& name : broken(found)) check(all.violations.contains(name), name);
  }
  return result;
}

Scripts any_scripts(const Case& shape) {
  const auto script = rc::gen::container<std::vector<std::uint8_t>>(
      shape.calls, rc::gen::arbitrary<std::uint8_t>());
  return *rc::gen::container<Scripts>(shape.processes, script);
}

void expect_agreement_on_all(const Case& shape) {
  EXPECT_TRUE(rc::check([&] {
    const Comparison found = compare(shape, any_scripts(shape));
    RC_CLASSIFY(!found.all.exhausted, "not compared: " + found.all.reason.substr(0, 30));
    RC_CLASSIFY(!found.all.violations.empty(), "violated");
    RC_CLASSIFY(found.all.end_states.size() > 1, "several end states");
    RC_LOG() << found.text;
    RC_ASSERT(found.difference == "");
  }));
}

TEST(Agreement, OfTwoProcesses) { expect_agreement_on_all({2, 7, ""}); }
TEST(Agreement, OfThreeProcesses) { expect_agreement_on_all({3, 3, ""}); }
TEST(Agreement, OfProcessesThatEnd) { expect_agreement_on_all({2, 3, "", kPlainLines, false}); }
TEST(Agreement, OfProcessesThatAreKilled) { expect_agreement_on_all({2, 4, "kill"}); }
TEST(Agreement, OfThreeOfWhichOneIsKilled) { expect_agreement_on_all({3, 2, "kill"}); }
TEST(Agreement, OfParentsAndChildrenAndSleepers) { expect_agreement_on_all({2, 3, "", kAllLines}); }
TEST(Agreement, OfProcessesThatAreTerminated) {
  expect_agreement_on_all({2, 4, "term", kAllLines});
}
TEST(Agreement, OfProcessesThatAreStopped) { expect_agreement_on_all({2, 4, "stop"}); }
TEST(Agreement, OfCallsThatFail) { expect_agreement_on_all({2, 3, "errno"}); }
TEST(Agreement, OfReboots) { expect_agreement_on_all({2, 3, "reboot"}); }
TEST(Agreement, OfStrangersWithOldPids) {
  expect_agreement_on_all({2, 2, "pid_reuse", kPlainLines, false});
}
TEST(Agreement, OfPorts) { expect_agreement_on_all({2, 2, "", kPortLines}); }
TEST(Agreement, OfPortsOfTheKilled) { expect_agreement_on_all({2, 2, "kill", kPortLines}); }
TEST(Agreement, OfALateOne) { expect_agreement_on_all({3, 3, "", kPlainLines, true, true}); }
TEST(Agreement, OfALateOneAfterAKill) {
  expect_agreement_on_all({3, 2, "kill", kPlainLines, true, true});
}
TEST(Agreement, OfOrderedTime) {
  expect_agreement_on_all({2, 4, "", kAllLines, true, false, TimeMode::kOrdered});
}

// Numbers of line_of(): 0 opens f, 2 opens g, 3 truncates f, 4 locks, 10 unlinks f, 14 and 15
// rename, 19 and 20 kill, 21 owns, 30 forks, 32 sleeps.
TEST(Agreement, OfRunsThatReductionOnceLost) {
  const std::vector<std::pair<Case, Scripts>> runs = {
      // The alternatives of a step sleep only where the step does.
      {{2, 4, "kill"}, {{0, 19, 21, 0}, {0, 0, 0, 0}}},
      // Who is killed before it opens f would have opened it.
      {{2, 3, "", kAllLines}, {{30, 0, 14}, {4, 20, 2}}},
      {{3, 3, ""}, {{2, 0, 0}, {0, 3, 20}, {0, 15, 0}}},
      {{3, 2, "kill"}, {{0, 14}, {4, 20}, {0, 0}}},
      // A child that shares no file with its parent comes after its birth all the same.
      {{2, 3, "", kAllLines}, {{0, 30, 0}, {30, 21, 0}}},
      // Who is killed in its sleep would have woken up.
      {{2, 4, "", kAllLines, true, false, TimeMode::kOrdered}, {{32, 0, 10, 0}, {0, 0, 0, 20}}},
  };
  for (const auto& [shape, scripts] : runs) {
    const Comparison found = compare(shape, scripts);
    EXPECT_TRUE(found.all.exhausted);
    EXPECT_EQ(found.difference, "") << found.text;
  }
}

}  // namespace
}  // namespace lockproof::test
