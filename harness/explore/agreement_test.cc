// SPDX-License-Identifier: Apache-2.0
// All strategies against each other, on small generated runs: what reduces must lose nothing, what
// samples must invent nothing.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "explore/dfs.h"
#include "explore/dpor.h"
#include "explore/generated.h"
#include "explore/optimal.h"
#include "explore/random_walks.h"
#include "explore/traces.h"
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
  std::string faults;                // their names, each once; of one that is named twice, two
  std::uint8_t lines = kPlainLines;  // of line_of()
  bool stays = true;                 // who has made its calls waits for ever
  bool late = false;                 // the last process
  TimeMode time = TimeMode::kAnyTime;
  unsigned setup = 0;  // processes that own f and its lock before the run begins
  std::vector<unsigned> namespaces{};
};

// What the strategies disagree about; "" when about nothing.
struct Comparison {
  std::string difference;
  std::string text;
  Explored all;
};

void set_rules(Rules& rules, const Case& shape) {
  const auto& faults = all_faults();
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const std::size_t first = shape.faults.find(faults[i].name);
    const bool twice = first != shape.faults.rfind(faults[i].name);
    rules.budget[i] = first == std::string::npos ? 0 : twice ? 2 : 1;
  }
  rules.clock_step_ns = 3'600'000'000'000;
  rules.late.assign(shape.processes, false);
  rules.late.back() = shape.late;
  rules.time = shape.time;
}

// What an exploration that reduces gets wrong. `traces`: all there are.
std::string wrong(const Problem& problem, const Explored& all, const Traces& traces,
                  Strategy& strategy, Explored& some) {
  std::string text;
  const auto check = [&](bool holds, const std::string& what) {
    if (!holds) text += what + "\n";
  };
  Traces found(problem, strategy, traces.inodes());
  some = run_all(problem, found, kMost);
  check(some.exhausted, "it did not come to its end");
  check(some.end_states == all.end_states, "other end states");
  check(broken(some) == broken(all), "other claims are broken");
  // Who finds out on the way that inodes count begins again, and counts again.
  const bool begun_again = traces.inodes();
  check(begun_again || some.executions <= all.executions, "larger than the naive one");
  // By the clock's order dpor is compared by ends and claims only: see dpor.h.
  const bool by_trace =
      dynamic_cast<Dpor*>(&strategy) == nullptr || problem.rules.time != TimeMode::kOrdered;
  check(!by_trace || found.missing(traces).empty(), "lost: " + found.missing(traces));
  return text;
}

std::string wrong_in_samples(const Problem& problem, const Explored& all) {
  std::string text;
  PlainRandom random(problem, all.executions);
  UniformWalk uniform(problem, all.executions);
  Pct pct(problem, all.executions, 3);
  for (Strategy* const sampler : std::initializer_list<Strategy*>{&random, &uniform, &pct}) {
    const Explored found = run_all(problem, *sampler, 20);
    if (!std::includes(all.end_states.begin(), all.end_states.end(), found.end_states.begin(),
                       found.end_states.end())) {
      text += "an invented end state\n";
    }
    for (const std::string& name : broken(found)) {
      if (!all.violations.contains(name)) text += "invented: " + name + "\n";
    }
  }
  return text;
}

Comparison compare(const Case& shape, const Scripts& scripts) {
  sim::SimWorld world;
  Generated generated(scripts, 0, shape.lines, shape.stays);
  set_rules(generated.rules, shape);
  generated.start.setup = shape.setup;
  generated.start.namespaces = shape.namespaces;
  const Problem problem = generated.problem(world);
  Dfs naive, again;
  Traces every(problem, naive, false), with_inodes(problem, again, true);
  Comparison result{"", generated.text(), run_all(problem, every, kMost)};
  const Explored& all = result.all;
  if (!all.exhausted) return result;
  const bool inodes = every.missed_inodes();
  if (inodes) run_all(problem, with_inodes, kMost);
  const Traces& traces = inodes ? with_inodes : every;
  Explored some, least;
  Dpor reduced(problem);
  result.difference = wrong(problem, all, traces, reduced, some);
  result.difference += wrong_in_samples(problem, all);
  if (shape.late) return result;  // as optimal.h says
  Optimal optimal(problem);
  const std::string difference = wrong(problem, all, traces, optimal, least);
  if (!difference.empty()) result.difference += "optimal: " + difference;
  if (!inodes && least.executions != traces.found().size()) result.difference += "not optimal\n";
  const bool ordered = shape.time == TimeMode::kOrdered;
  if (!inodes && !ordered && least.executions > some.executions)
    result.difference += "not reduced\n";
  if (optimal.overhead().in_vain != 0) result.difference += "an execution was begun in vain\n";
  if (optimal.misjudged() != 0) result.difference += "what should be possible was not\n";
  return result;
}

Scripts any_scripts(const Case& shape) {
  const auto script = rc::gen::container<std::vector<std::uint8_t>>(
      shape.calls, rc::gen::arbitrary<std::uint8_t>());
  Scripts scripts = *rc::gen::container<Scripts>(shape.processes, script);
  for (unsigned place = 0; place < shape.setup; ++place) {
    scripts[place].insert(scripts[place].begin(), {0, 4, 22});
  }
  return scripts;
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
TEST(Agreement, OfActsThatTakeAWhile) { expect_agreement_on_all({2, 3, "", kWordLines}); }
TEST(Agreement, OfActsOfTheKilled) { expect_agreement_on_all({2, 2, "kill", kWordLines}); }
TEST(Agreement, OfALateOne) { expect_agreement_on_all({3, 3, "", kPlainLines, true, true}); }
TEST(Agreement, OfALateOneAfterAKill) {
  expect_agreement_on_all({3, 2, "kill", kPlainLines, true, true});
}
TEST(Agreement, OfTwoKillsAndATerm) { expect_agreement_on_all({2, 2, "kill kill term"}); }
TEST(Agreement, OfOwnersThatStartOtherPrograms) { expect_agreement_on_all({2, 3, "exec_child"}); }
TEST(Agreement, OfClocksThatAreSet) { expect_agreement_on_all({2, 3, "clock_step", kAllLines}); }
TEST(Agreement, OfALateOneAfterAStop) {
  expect_agreement_on_all({3, 2, "stop", kPlainLines, true, true});
}
TEST(Agreement, OfOrderedTimeAndKills) {
  expect_agreement_on_all({2, 3, "kill", kAllLines, true, false, TimeMode::kOrdered});
}
TEST(Agreement, OfOneThatOwnsBefore) {
  expect_agreement_on_all({2, 3, "kill", kPlainLines, true, false, TimeMode::kAnyTime, 1});
}
TEST(Agreement, OfOrderedTime) {
  expect_agreement_on_all({2, 4, "", kAllLines, true, false, TimeMode::kOrdered});
}

TEST(Agreement, OfPidNamespaces) {
  expect_agreement_on_all(
      {3, 2, "kill", kPlainLines, true, false, TimeMode::kAnyTime, 0, {0, 1, 1}});
}

// Numbers of line_of(): 0 opens f, 2 opens g, 3 truncates f, 4 locks, 10 unlinks f, 14 and 15
// rename, 19 and 20 kill, 21 owns, 30 forks, 32 sleeps.
// The first process sleeps, and the exclusive lock is taken: the run ends in vain, and it is the
// last one that tells that the shared lock, and what comes after it, was kept back.
TEST(Agreement, OfOneThatIsBlockedWhereAnotherSleeps) {
  const Comparison found = compare({3, 3, ""}, {{0, 0, 0}, {2, 2, 4}, {2, 6, 0}});
  EXPECT_TRUE(found.all.exhausted);
  EXPECT_EQ(found.difference, "") << found.text;
}

TEST(Agreement, OfRunsThatReductionOnceLost) {
  const std::vector<std::pair<Case, Scripts>> runs = {
      // The alternatives of a step sleep only where the step does.
      {{2, 4, "kill"}, {{0, 19, 21, 0}, {0, 0, 0, 0}}},
      // Who is killed before it opens f would have opened it.
      {{2, 3, "", kAllLines}, {{30, 0, 14}, {4, 20, 2}}},
      {{3, 3, ""}, {{2, 0, 0}, {0, 3, 20}, {0, 15, 0}}},
      {{3, 2, "kill"}, {{0, 14}, {4, 20}, {0, 0}}},
      // Likewise where its pid means it in a namespace only.
      {{3, 2, "kill", kPlainLines, true, false, TimeMode::kAnyTime, 0, {1, 1, 1}},
       {{0, 14}, {4, 20}, {0, 0}}},
      // A child that shares no file with its parent comes after its birth all the same.
      {{2, 3, "", kAllLines}, {{0, 30, 0}, {30, 21, 0}}},
      // Who is killed in its sleep would have woken up.
      {{2, 4, "", kAllLines, true, false, TimeMode::kOrdered}, {{32, 0, 10, 0}, {0, 0, 0, 20}}},
      // The clock could not go on while one whose time had come was alive.
      {{2, 3, "kill", kAllLines, true, false, TimeMode::kOrdered}, {{0, 0, 32}, {0, 32, 0}}},
      // Only who owns starts another program, and that is a step of its own.
      {{2, 3, "exec_child"}, {{0, 0, 0}, {0, 21, 0}}},
      // A lock that could not be had cannot fail.
      {{2, 3, "errno"}, {{0, 0, 4}, {0, 0, 4}}},
      // While one is dying, the steps of others touch nothing of it.
      {{3, 3, ""}, {{0, 0, 4}, {3, 0, 0}, {20, 3, 5}}},
      // Whether the files of who is killed are closed by a step of their own is decided by others.
      {{3, 3, ""}, {{0, 0, 0}, {10, 20, 29}, {0, 17, 0}}},
      // Who closes a descriptor that is not the last one of its file gives up no lock.
      {{2, 4, "term", kAllLines}, {{0, 0, 0, 0}, {0, 0, 30, 4}}},
      // What fails after one step would depend on a third one before it.
      {{3, 2, ""}, {{15, 0}, {11, 0}, {3, 3}}},
      // A fault on who is blocked, and is killed by another one in the end.
      {{2, 4, "kill"}, {{0, 0, 0, 2}, {15, 0, 0, 20}}},
      // What a fault depends on later than where it was possible first.
      {{2, 4, "kill"}, {{0, 0, 0, 0}, {0, 0, 0, 4}}},
      // What descriptors of before the run lead to.
      {{2, 3, "kill", kPlainLines, true, false, TimeMode::kAnyTime, 1},
       {{0, 4, 22, 0, 6, 0}, {0, 0, 6}}},
  };
  for (const auto& [shape, scripts] : runs) {
    const Comparison found = compare(shape, scripts);
    EXPECT_TRUE(found.all.exhausted);
    EXPECT_EQ(found.difference, "") << found.text;
  }
}

}  // namespace
}  // namespace lockproof::test
