// SPDX-License-Identifier: Apache-2.0
// Question: how long does `check` take for a program as it is on disk, from its first start to the
// verdict; and what is saved by learning it by copies of processes, beside a start for each answer?
//
// Everything is pinned to one core. `check`: 3 contenders, one of which is killed; every run, with
// the comparison with Linux. `learn`: the answers of one tree that is known before, by either way;
// `ratio` is starts / copies, all in all, and `per_answer` without the first start, which both
// need. `beside_live`: 2 contenders, of which one is killed, and one promise: the whole check in
// the simulated kernel, learning included, beside dpor with real processes. Both say the same.
//
// Last numbers (2 processors, beside nothing else; check ms, states; learn ms by copies, by starts,
// ratio, ratio per answer, answers):
//   pid_file           138   10,275     58     353   6.1    6.4   86
//   pid_file_guarded   125    2,187     54     330   6.1    6.5   69
//   flock_n             90      627     13      56   4.5    9.0    7
//   flock              115      452     12      49   4.1    9.2    6
//   setlock             47      102      5      18   3.2    7.5    4
//   perl               119      280     25     122   4.9    7.8   10
//   python_open        503   17,397    180     959   5.3    5.5   42
//   python_lockf       548   25,571    196   1,028   5.3    5.4   52
//   dash_mkdir         951  370,314     69     325   4.7    5.0   48
// Of a program of few answers most of either is the first start.
// beside_live_stale/perl (beside a build): 205 ms, and 276 s for 50,282 runs of real processes,
// both to the same 23 steps: 1,345 times.
//
// Command: make bench, or build/bench/bench/learned_programs
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "check/check.h"
#include "check/learn.h"
#include "check/test_programs.h"
#include "learned/learned.h"
#include "trace/one_core.h"

namespace lockproof {
namespace {

constexpr std::size_t kContenders = 3;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Only that: most of these locks break another promise sooner or later, which ends a search.
Scenario scenario_of(const test::LockingProgram& program) {
  return test::scenario_of(program, kContenders, {"clean_exit"});
}

CheckOptions options() {
  CheckOptions options;
  options.stage.owner = LOCKPROOF_BIN "/lockproof-owner";
  return options;
}

void check_all(benchmark::State& state, const test::LockingProgram& program) {
  const OneCore here;
  const Scenario scenario = scenario_of(program);
  double states = 0;
  double places = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const auto result = check(scenario, options());
    state.SetIterationTime(seconds_since(begin));
    if (!result.ok() || result->verdict != Verdict::kHolds) {
      return state.SkipWithError("not every run was seen");
    }
    states = static_cast<double>(count_of(*result, "states"));
  }
  const auto tree = learn(scenario, options());
  if (tree.ok()) places = static_cast<double>(tree->places);
  state.counters["states"] = states;
  state.counters["places"] = places;
}

// A file of the tree, as long as this.
class Saved {
 public:
  explicit Saved(const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("lockproof-bench-" + std::to_string(::getpid()) + ".tree")) {
    std::ofstream(path_) << text;
  }
  ~Saved() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

double seconds_to_start(const Scenario& scenario) {
  Texts texts;
  const auto begin = std::chrono::steady_clock::now();
  const auto stand_in = stand_in_for(scenario, options().stage.owner);
  const bool started =
      stand_in.ok() &&
      LearnedProgram::start((*stand_in)->command(scenario.cast.front()), texts, {}).ok();
  return started ? seconds_since(begin) : 0;
}

// Less than 0: something differs.
double seconds_to_learn(const Scenario& scenario, const std::string& tree, LearningLimits::By by) {
  CheckOptions learning = options();
  learning.stage.learning.by = by;
  const auto begin = std::chrono::steady_clock::now();
  const auto learned = learn_against(scenario, learning, tree);
  const double seconds = seconds_since(begin);
  const bool same =
      learned.ok() && learned->differences == 0 && learned->answers == learned->known_answers;
  return same ? seconds : -1;
}

void learn_all(benchmark::State& state, const test::LockingProgram& program) {
  const OneCore here;
  const Scenario scenario = scenario_of(program);
  const auto tree = learn(scenario, options());
  if (!tree.ok()) return state.SkipWithError(tree.error().sentence.c_str());
  const Saved saved(tree->text);
  double copies = 0;
  double starts = 0;
  double first = 0;
  for (auto _ : state) {
    const double by_copies = seconds_to_learn(scenario, saved.path(), LearningLimits::By::kCopies);
    const double by_starts = seconds_to_learn(scenario, saved.path(), LearningLimits::By::kStarts);
    if (by_copies < 0 || by_starts < 0) return state.SkipWithError("another tree");
    state.SetIterationTime(by_copies);
    copies += by_copies;
    starts += by_starts;
    first += seconds_to_start(scenario);
  }
  state.counters["starts_ms"] = starts / static_cast<double>(state.iterations()) * 1e3;
  state.counters["ratio"] = starts / copies;
  state.counters["per_answer"] = (starts - first) / (copies - first);
  state.counters["answers"] = static_cast<double>(tree->answers);
}

// Two contenders, of which one is killed: every run in the simulated kernel, with what it takes to
// learn the program, beside one of each that differ by more than the order of independent steps,
// by real processes.
void compare(benchmark::State& state, const Scenario& scenario) {
  const OneCore here;
  CheckOptions simulated = options();
  simulated.world = InWorld::kSim;
  CheckOptions live = options();
  live.world = InWorld::kLive;
  live.strategy = "dpor";
  live.keeps_going = true;  // the shortest of all is what the search finds
  double learned_seconds = 0;
  double live_seconds = 0;
  double executions = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const auto searched = check(scenario, simulated);
    const double seconds = seconds_since(begin);
    const auto middle = std::chrono::steady_clock::now();
    const auto explored = check(scenario, live);
    live_seconds += seconds_since(middle);
    learned_seconds += seconds;
    state.SetIterationTime(seconds);
    const bool same = searched.ok() && explored.ok() && searched->verdict == explored->verdict &&
                      searched->verdict != Verdict::kInconclusive &&
                      searched->findings.size() == explored->findings.size() &&
                      searched->steps == explored->steps;
    if (!same) return state.SkipWithError("not the same, or not all");
    executions = static_cast<double>(count_of(*explored, "executions"));
    state.counters["length"] = static_cast<double>(searched->steps);
  }
  state.counters["live_ms"] = live_seconds / static_cast<double>(state.iterations()) * 1e3;
  state.counters["executions"] = executions;
  state.counters["ratio"] = live_seconds / learned_seconds;
}

Scenario two_of(const test::LockingProgram& program) {
  Scenario scenario = test::scenario_of(program, 2, {"one_owner"});
  scenario.name = "bench";
  return scenario;
}

void beside_live(benchmark::State& state, const test::LockingProgram& program) {
  compare(state, two_of(program));
}
// A dead one's pid is in its file, which lets two in.
void beside_live_stale(benchmark::State& state, const test::LockingProgram& program) {
  Scenario scenario = two_of(program);
  scenario.files = {{"pid", "dead"}};
  compare(state, scenario);
}
// The same in perl: fifty thousand runs of real processes, one of which is killed.
void beside_live_perl_stale(benchmark::State& state) {
  auto scenario = read_scenario(LOCKPROOF_SOURCE "/scenarios/programs/perl_stale.toml", "bench");
  if (!scenario.ok()) return state.SkipWithError(scenario.error().sentence.c_str());
  scenario->faults = {{"kill", 1}};
  compare(state, *scenario);
}

}  // namespace
}  // namespace lockproof

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const auto add = [](const char* what, auto* run, const lockproof::test::LockingProgram& program) {
    benchmark::RegisterBenchmark((what + std::string(program.name)).c_str(), run, program)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond)
        ->Iterations(3);
  };
  for (const auto& program : lockproof::test::locking_programs(LOCKPROOF_PID_FILE)) {
    add("check/", &lockproof::check_all, program);
    add("learn/", &lockproof::learn_all, program);
    // Of who polls there are runs without end.
    if (std::string(program.name) != "dash_mkdir") {
      add("beside_live/", &lockproof::beside_live, program);
    }
    if (std::string(program.name) == "pid_file") {
      add("beside_live_stale/", &lockproof::beside_live_stale, program);
    }
  }
  benchmark::RegisterBenchmark("beside_live_stale/perl", lockproof::beside_live_perl_stale)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond)
      ->Iterations(1);
  benchmark::RunSpecifiedBenchmarks();
}
