// SPDX-License-Identifier: Apache-2.0
// The stateful search against the naive exploration of all runs, on small generated ones: it finds
// a breach of a claim where there is one, after as few choices, and each breach is one of the
// invariant, too.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "explore/awake.h"
#include "explore/claims.h"
#include "explore/dfs.h"
#include "explore/generated.h"
#include "explore/optimal.h"
#include "explore/replay.h"
#include "explore/search.h"
#include "faults/faults.h"
#include "sim/sim_space.h"
#include "sim/sim_world.h"
#include "subject/builtin.h"

namespace lockproof::test {
namespace {

using Scripts = std::vector<std::vector<std::uint8_t>>;

constexpr std::uint64_t kMost = 10'000;  // executions of a naive exploration: more is not compared
constexpr std::uint8_t kEveryLine = 35;

// Numbers of line_of(): names, locks and contents of f and g, who owns, and no pids of others. No
// forks: a claim takes the child of an owner for an owner, and the invariant does not.
constexpr std::uint8_t kLines[] = {0,  1,  2,  3,  4,  5,  6,  8,  9,  10, 12, 14, 15,
                                   16, 17, 21, 22, 23, 24, 25, 21, 22, 33, 34, 33};

struct Case {
  std::size_t processes;
  std::size_t calls;  // of each, at most
  sim::Pids pids = sim::Pids::kSymbolic;
  std::string faults{};              // their names; each once
  bool late = false;                 // the last process
  bool alike = false;                // all have one script
  std::vector<std::uint8_t> more{};  // lines, besides kLines
  unsigned setup = 0;                // processes that are brought to ready
  std::vector<unsigned> namespaces{};
  bool words = false;   // those of word_line_of() instead
  bool starts = false;  // those of start_line_of() instead
};

std::string letters(const std::vector<Choice>& choices) { return encode({"x", 1, choices}); }

sim::SpaceStart space_of(const Generated& generated, const Case& shape) {
  sim::SpaceStart start;
  for (std::size_t i = 0; i < generated.start.cast.size(); ++i) {
    start.cast.push_back({generated.start.cast[i], generated.rules.late[i]});
  }
  for (const StartFile& file : generated.start.files) {
    start.files.emplace_back(file.name, file.content);
  }
  start.setup = generated.start.setup;
  start.namespaces = generated.start.namespaces;
  start.roles = {"f", "", &read_pid_text};
  // In the order of sim::FaultLeft.
  constexpr std::string_view kSearched[] = {"kill",      "term",   "stop",  "exec_child",
                                            "pid_reuse", "reboot", "errno", "clock_step"};
  for (std::size_t i = 0; i < all_faults().size(); ++i) {
    for (std::size_t k = 0; k < std::size(kSearched); ++k) {
      if (all_faults()[i].name == kSearched[k]) start.faults[k] = generated.rules.budget[i];
    }
  }
  start.rules = {shape.pids,
                 generated.rules.time,
                 generated.rules.clock_step_ns,
                 {shape.words, shape.words, shape.starts, shape.starts, shape.words}};
  start.symmetry = !shape.starts;  // what goes on for ever is asked of processes
  return start;
}

void set_rules(Generated& generated, const Case& shape) {
  for (std::size_t i = 0; i < all_faults().size(); ++i) {
    generated.rules.budget[i] = shape.faults.find(all_faults()[i].name) != std::string::npos;
  }
  generated.rules.late.assign(shape.processes, false);
  generated.rules.late.back() = shape.late;
  generated.start.setup = shape.setup;
  generated.start.namespaces = shape.namespaces;
  // Whom a record names depends on who reads it then.
  if (!shape.namespaces.empty()) std::erase(generated.invariants, "record_names_owner");
  generated.rules.clock_step_ns = 3'600'000'000'000;
  if (shape.faults.find("pid_reuse") != std::string::npos) {
    generated.invariants.emplace_back("no_stranger_signalled");
  }
}

struct Comparison {
  std::string difference;  // "" when there is none
  std::string text;
  Explored all;
  bool refused = false;
};

// Where several own, the invariant and the claim look at different moments: the one when the record
// changes, before the one who changed it says that it owns, and the other whenever a step ends.
// That several own is one_owner's.
bool several_own_by_then(const Explored& all, const std::optional<Breach>& found) {
  const auto several = all.violations.find("one_owner");
  if (several == all.violations.end()) return false;
  const auto known = all.violations.find("record_names_owner");
  const std::size_t length = several->second.choices.size();
  return (found && found->choices.size() >= length) ||
         (known != all.violations.end() && known->second.choices.size() >= length);
}

// What the search finds of one claim alone.
std::string compare(const Problem& problem, const Explored& all, sim::Tables& tables,
                    const sim::SpaceStart& start, const std::string& name, bool& refused) {
  auto space = sim::SimSpace::make(start, tables);
  if (!space.ok()) return space.error().sentence;
  const auto found = search(**space, {find_claim(name)}, {}, {});
  if (!found.ok()) return found.error().sentence;
  if (!found->breach && !found->exhausted) {
    refused = true;
    return "";
  }
  const auto known = all.violations.find(name);
  if (name == "record_names_owner" && several_own_by_then(all, found->breach)) return "";
  if (!found->breach) {
    return known == all.violations.end() ? "" : "lost: " + letters(known->second.choices) + "\n";
  }
  const std::vector<Choice>& choices = found->breach->choices;
  if (known == all.violations.end()) return "invented: " + letters(choices) + "\n";
  if (known->second.choices.size() != choices.size()) {
    return letters(choices) + " instead of " + letters(known->second.choices) + "\n";
  }
  const auto run = replay(problem, choices);
  if (!run.ok()) return letters(choices) + ": " + run.error().sentence + "\n";
  const bool broken = std::any_of(run->findings.begin(), run->findings.end(),
                                  [&](const Finding& it) { return it.invariant == name; });
  return broken ? "" : letters(choices) + ": the invariant holds\n";
}

// In the setup. A search judges runs only.
bool breaks_before_it_begins(const Problem& problem) {
  Execution run(problem);
  return problem.start.setup > 0 && run.begin().ok() && !run.judge(false).empty();
}

Comparison compare(const Case& shape, const Scripts& scripts) {
  sim::SimWorld world;
  const std::string first = "getppid";  // nobody owns before the first call: no step lies between
  const std::uint8_t limit = shape.words ? kWordLines : shape.starts ? kStartLines : kEveryLine;
  Generated generated(scripts, 0, limit, true, first);
  const bool symbolic = shape.pids == sim::Pids::kSymbolic;
  Generated named(scripts, 0, limit, true, first, symbolic ? Selves::kOneName : Selves::kPids);
  set_rules(generated, shape);
  set_rules(named, shape);
  const Problem problem = generated.problem(world);
  if (breaks_before_it_begins(problem)) return {"", generated.text(), {}};
  Dfs naive;
  Limits limits;
  limits.executions = kMost;
  auto explored = explore(problem, naive, limits);
  sim::Tables tables(named.texts);
  if (!explored.ok()) {
    const auto space = sim::SimSpace::make(space_of(named, shape), tables);
    const std::string other = space.ok() ? "no error" : space.error().sentence;
    Comparison neither{other == explored.error().sentence ? "" : other, generated.text(), {}};
    neither.all.reason = Reason(explored.error());
    return neither;
  }
  Comparison result{"", generated.text(), *explored};
  if (!result.all.exhausted) return result;
  Optimal optimal(problem);
  const auto least = explore(problem, optimal, limits);
  if (!least.ok() || !least->exhausted) return {"optimal: not exhausted", generated.text(), {}};
  for (const std::string& name : generated.invariants) {
    if (least->violations.contains(name) != result.all.violations.contains(name)) {
      result.difference += "optimal: " + name + "\n";
    }
  }
  for (const std::string& name : generated.invariants) {
    const std::string difference =
        compare(problem, result.all, tables, space_of(named, shape), name, result.refused);
    if (!difference.empty()) result.difference += name + ": " + difference;
  }
  return result;
}

Scripts any_scripts(const Case& shape) {
  std::vector<std::uint8_t> lines(std::begin(kLines), std::end(kLines));
  lines.insert(lines.end(), shape.more.begin(), shape.more.end());
  if (shape.starts) lines = {0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 1};
  if (shape.words) lines = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 0, 7, 10, 11};
  if (shape.words && shape.pids == sim::Pids::kConcrete) lines.push_back(9);  // names another one
  const auto script =
      rc::gen::container<std::vector<std::uint8_t>>(shape.calls, rc::gen::elementOf(lines));
  Scripts scripts = shape.alike ? Scripts(shape.processes, *script)
                                : *rc::gen::container<Scripts>(shape.processes, script);
  // Who is there before writes its record, owns, and goes on with what is generated.
  for (unsigned place = 0; place < shape.setup; ++place) {
    scripts[place].insert(scripts[place].begin(), {33, 22});
  }
  return scripts;
}

void expect_agreement_on_all(const Case& shape) {
  EXPECT_TRUE(rc::check([&] {
    const Comparison found = compare(shape, any_scripts(shape));
    RC_CLASSIFY(!found.all.exhausted, "not compared: " + found.all.reason.substr(0, 30));
    RC_CLASSIFY(found.refused, "refused by the space");
    for (const auto& [name, violation] : found.all.violations) RC_TAG(name);
    RC_LOG() << found.text;
    RC_ASSERT(found.difference == "");
  }));
}

// Kills that sleep hide no state, and none is met later.
void expect_sleep_to_hide_nothing(const Case& shape) {
  std::uint64_t saved = 0;
  EXPECT_TRUE(rc::check([&] {
    const Scripts scripts = any_scripts(shape);
    const bool symbolic = shape.pids == sim::Pids::kSymbolic;
    Generated generated(scripts, 0, shape.words ? kWordLines : kEveryLine, true, "getppid",
                        symbolic ? Selves::kOneName : Selves::kPids);
    set_rules(generated, shape);
    RC_LOG() << generated.text();
    SearchProgress ends[2];
    for (const bool awake : {false, true}) {
      sim::Tables tables(generated.texts);
      sim::SpaceStart start = space_of(generated, shape);
      start.faults[0] = 2;
      auto space = sim::SimSpace::make(start, tables);
      if (!space.ok()) return;
      Awake all(**space);
      const auto found = search(awake ? static_cast<Space&>(all) : **space, {}, {}, {});
      RC_ASSERT(found.ok());
      if (!found->exhausted) return;
      ends[awake ? 1 : 0] = found->end;
    }
    RC_ASSERT(ends[0].states == ends[1].states);
    RC_ASSERT(ends[0].depth == ends[1].depth);
    RC_ASSERT(ends[0].transitions <= ends[1].transitions);
    saved += ends[1].transitions - ends[0].transitions;
  }));
  EXPECT_GT(saved, 0u);
}

TEST(SleepingKills, OfThreeProcesses) {
  expect_sleep_to_hide_nothing({3, 3, sim::Pids::kConcrete, "kill", false, false, {18, 19, 20}});
}
TEST(SleepingKills, OfProcessesThatAreAlike) {
  expect_sleep_to_hide_nothing({3, 4, sim::Pids::kSymbolic, "kill", false, true});
}
TEST(SleepingKills, BesideOtherFaults) {
  expect_sleep_to_hide_nothing(
      {2, 4, sim::Pids::kConcrete, "kill term stop errno", false, false, {31, 32, 34}});
}
TEST(SleepingKills, OfWhoForks) {
  expect_sleep_to_hide_nothing({2, 3, sim::Pids::kConcrete, "kill", false, false, {30, 30, 31}});
}
TEST(SleepingKills, BeforeALateOne) {
  expect_sleep_to_hide_nothing({3, 3, sim::Pids::kConcrete, "kill reboot", true});
}

constexpr Case of_words(std::size_t processes, std::size_t calls, sim::Pids pids) {
  return {.processes = processes, .calls = calls, .pids = pids, .words = true};
}
TEST(SleepingKills, OfWhoStopsAndStarts) {
  Case shape = of_words(3, 4, sim::Pids::kConcrete);
  shape.faults = "kill";
  expect_sleep_to_hide_nothing(shape);
}

TEST(SearchAgreement, OfActsThatTakeAWhile) {
  expect_agreement_on_all(of_words(2, 4, sim::Pids::kConcrete));
}
TEST(SearchAgreement, OfActsOfThree) {
  expect_agreement_on_all(of_words(3, 2, sim::Pids::kSymbolic));
}
TEST(SearchAgreement, OfActsOfThreeThatAreAlike) {
  Case shape = of_words(3, 2, sim::Pids::kSymbolic);
  shape.alike = true;
  expect_agreement_on_all(shape);
}
TEST(SearchAgreement, OfActsOfTheKilled) {
  Case shape = of_words(2, 3, sim::Pids::kSymbolic);
  shape.faults = "kill";
  expect_agreement_on_all(shape);
}
TEST(SearchAgreement, OfWhatIsStartedByOne) {
  expect_agreement_on_all(
      {.processes = 1, .calls = 4, .pids = sim::Pids::kConcrete, .starts = true});
}
TEST(SearchAgreement, OfWhatIsStartedByOneThatIsKilled) {
  expect_agreement_on_all(
      {.processes = 1, .calls = 3, .pids = sim::Pids::kConcrete, .faults = "kill", .starts = true});
}
TEST(SearchAgreement, OfWhatIsStartedByTwo) {
  expect_agreement_on_all(
      {.processes = 2, .calls = 2, .pids = sim::Pids::kConcrete, .starts = true});
}
TEST(SearchAgreement, OfTwoProcesses) { expect_agreement_on_all({2, 5}); }
TEST(SearchAgreement, OfThreeProcesses) { expect_agreement_on_all({3, 2}); }
TEST(SearchAgreement, OfPidsThatAreNumbers) {
  expect_agreement_on_all({2, 5, sim::Pids::kConcrete, "", false, false, {18, 19, 20, 32}});
}
TEST(SearchAgreement, OfProcessesThatAreAlike) {
  expect_agreement_on_all({2, 5, sim::Pids::kSymbolic, "", false, true});
}
TEST(SearchAgreement, OfThreeThatAreAlike) {
  expect_agreement_on_all({3, 2, sim::Pids::kSymbolic, "kill", false, true});
}
TEST(SearchAgreement, OfSleepersThatAreKilled) {
  expect_agreement_on_all({2, 4, sim::Pids::kSymbolic, "kill", false, true, {31, 32}});
}
TEST(SearchAgreement, OfProcessesThatAreKilled) {
  expect_agreement_on_all({2, 4, sim::Pids::kConcrete, "kill"});
}
TEST(SearchAgreement, OfProcessesThatAreStopped) {
  expect_agreement_on_all({2, 4, sim::Pids::kSymbolic, "stop"});
}
TEST(SearchAgreement, OfAProcessThatIsThereBefore) {
  expect_agreement_on_all({2, 3, sim::Pids::kSymbolic, "kill", false, false, {}, 1});
}
TEST(SearchAgreement, OfAProcessThatIsThereBeforeALateOne) {
  expect_agreement_on_all({3, 2, sim::Pids::kConcrete, "", true, false, {}, 1});
}
TEST(SearchAgreement, OfCallsThatFail) {
  expect_agreement_on_all({2, 3, sim::Pids::kSymbolic, "errno", false, false, {31, 32}});
}
TEST(SearchAgreement, OfCallsThatFailBeforeALateOne) {
  expect_agreement_on_all({2, 3, sim::Pids::kConcrete, "errno", true});
}
TEST(SearchAgreement, OfPidsThatAreGivenAgain) {
  expect_agreement_on_all(
      {2, 3, sim::Pids::kConcrete, "kill pid_reuse", false, false, {18, 19, 20, 20, 20}});
}
TEST(SearchAgreement, OfAReboot) {
  expect_agreement_on_all({2, 4, sim::Pids::kConcrete, "reboot", false, false, {20, 34, 34}});
}
TEST(SearchAgreement, OfARebootBeforeALateOne) {
  expect_agreement_on_all({3, 2, sim::Pids::kConcrete, "reboot", true, false, {33, 34}});
}
TEST(SearchAgreement, OfPidNamespaces) {
  expect_agreement_on_all(
      {2, 4, sim::Pids::kConcrete, "", false, false, {18, 19, 20, 20, 30}, 0, {1, 2}});
}
TEST(SearchAgreement, OfPidsThatAreGivenAgainInANamespace) {
  expect_agreement_on_all({2,
                           3,
                           sim::Pids::kConcrete,
                           "kill pid_reuse",
                           false,
                           false,
                           {18, 19, 20, 20, 20},
                           0,
                           {1, 1}});
}
TEST(SearchAgreement, OfPidNamespacesAfterAReboot) {
  expect_agreement_on_all(
      {3, 2, sim::Pids::kConcrete, "reboot", false, false, {18, 19, 20, 20}, 0, {1, 2, 2}});
}
TEST(SearchAgreement, OfAClockThatIsSet) {
  expect_agreement_on_all({2, 4, sim::Pids::kSymbolic, "clock_step", false, false, {31, 32}});
}
TEST(SearchAgreement, OfAProcessThatForksAndIsKilled) {
  expect_agreement_on_all({1, 5, sim::Pids::kConcrete, "kill", false, false, {30, 30, 31, 31}});
}
TEST(SearchAgreement, OfTwoProcessesThatFork) {
  expect_agreement_on_all({2, 2, sim::Pids::kSymbolic, "", false, false, {30, 30, 30, 31}});
}
TEST(SearchAgreement, OfALateOne) {
  expect_agreement_on_all({3, 2, sim::Pids::kSymbolic, "", true});
}
TEST(SearchAgreement, OfALateOneAfterAKill) {
  expect_agreement_on_all({3, 2, sim::Pids::kSymbolic, "kill", true, true});
}

}  // namespace
}  // namespace lockproof::test
