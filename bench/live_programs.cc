// SPDX-License-Identifier: Apache-2.0
// Question: how many runs a second of programs as they are on disk does `check --world live` make,
// beside the least that has to be done for them?
//
// Everything is pinned to one core. A run is one of 2 processes to their end, drawn at random, with
// all that a check does on the way. `limit`: of a static program the same two processes and
// calls, copied and stopped by nothing but ptrace(2) (bare_tracer.h); of node, which has
// threads and is executed each time, two of it one after the other, and nobody who looks.
//
// Last numbers (2 processors, beside nothing else; the middle of three; steps a run, runs/s, limit,
// ratio, turns a run, us a turn):
//   static_program  17.8   1,400   1,710   0.82    38    18.7
//   flock           13.2     724                   48    29.0
//   python          24.1      86                   54   213
//   node            24.6       6.1     7.5   0.82  710   230
// A turn gives the core to another process once; the bare tracer's cost 15 us each here. Nobody
// stops behind a call whose answer is known, and the init of the run is not asked for anything
// where no file is left behind, so there are as many turns as the limit has. Beyond it: registers
// and texts are read at each stop, and 60 us are the check's own. A python of its own touches a
// thousand pages until it ends.
//
// Command: make bench, or build/bench/bench/live_programs
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <vector>

#include "bare_tracer.h"
#include "check/check.h"

namespace lockproof {
namespace {

using Words = std::vector<std::string>;
using Seconds = std::chrono::duration<double>;

double seconds_of(const std::function<bool()>& work, bool& done) {
  const auto begin = std::chrono::steady_clock::now();
  done = work();
  return Seconds(std::chrono::steady_clock::now() - begin).count();
}

void pin_to_one_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

// As often as this process has given the core away, once for each stop of another one.
double turns() {
  struct rusage used {};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_nvcsw + used.ru_nivcsw);
}

std::string own_file() {
  return std::filesystem::temp_directory_path() / ("lockproof-bench-" + std::to_string(::getpid()));
}

Scenario two_of(CommandSubject::Type type, Words run) {
  Scenario scenario;
  scenario.name = "bench";
  CommandSubject subject;
  subject.type = type;
  subject.name = run.front();
  subject.run = std::move(run);
  scenario.subject.command = std::move(subject);
  scenario.cast = {{"run"}, {"run"}};
  scenario.invariants = {"losers_touch_nothing"};
  return scenario;
}

// `make_limit` makes so many runs of the limit; empty: there is none.
void live(benchmark::State& state, const Scenario& scenario, std::uint64_t runs,
          const std::function<bool(std::uint64_t)>& make_limit) {
  CheckOptions options;
  options.world = InWorld::kLive;
  options.strategy = "random";
  options.executions = runs;
  options.stage.owner = LOCKPROOF_BIN "/lockproof-owner";
  double seconds = 0, limit_seconds = 0, steps = 0, made = 0, turned = 0;
  std::vector<double> ratios;
  for (auto _ : state) {
    bool done = true;
    const double limit =
        make_limit ? seconds_of([&] { return make_limit(runs); }, done) : double{0};
    limit_seconds += limit;
    if (!done) return state.SkipWithError("the limit was not measured");
    const double before = turns();
    const auto result = check(scenario, options);
    turned += turns() - before;
    if (!result.ok() || count_of(*result, "executions") != runs) {
      const std::string why = result.ok() ? result->reason : result.error().sentence;
      return state.SkipWithError(("the runs were not made: " + why).c_str());
    }
    made += static_cast<double>(runs);
    steps += static_cast<double>(count_of(*result, "transitions"));
    seconds += result->seconds;
    ratios.push_back(limit / result->seconds);
    state.SetIterationTime(result->seconds);
  }
  state.counters["steps_per_run"] = steps / made;
  state.counters["runs_per_s"] = made / seconds;
  state.counters["turns_per_run"] = turned / made;
  state.counters["us_per_turn"] = seconds / turned * 1e6;
  if (!make_limit) return;
  state.counters["limit_per_s"] = made / limit_seconds;
  // The middle one: each compares what was measured one after the other.
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  state.counters["ratio"] = *middle;
}

void static_program(benchmark::State& state) {
  pin_to_one_core();
  const std::string file = own_file();
  const auto bare = bench::BareTracer::start({LOCKPROOF_BENCH_PID_FILE, file});
  std::uint64_t stops = 0;
  std::uint64_t limit_runs = 0;
  live(state, two_of(CommandSubject::Type::kWorker, {LOCKPROOF_BENCH_PID_FILE, "{dir}/pid"}), 1000,
       [&](std::uint64_t runs) {
         for (std::uint64_t i = 0; i < runs; ++i) {
           const std::uint64_t made = bare ? bare->run(2) : 0;
           if (made == 0) return false;
           stops += made;
           ++limit_runs;
         }
         return true;
       });
  state.counters["limit_stops_per_run"] =
      static_cast<double>(stops) / static_cast<double>(limit_runs);
}

void flock(benchmark::State& state) {
  pin_to_one_core();
  live(state, two_of(CommandSubject::Type::kWrapper, {"flock", "-n", "{dir}/lock", "{critical}"}),
       500, {});
}

constexpr const char* kPython =
    "import os, sys\n"
    "try:\n"
    "    fd = os.open(sys.argv[1], os.O_CREAT | os.O_EXCL | os.O_WRONLY)\n"
    "except FileExistsError:\n"
    "    print('busy', flush=True)\n"
    "    sys.exit(0)\n"
    "os.write(fd, b'%d' % os.getpid())\n"
    "os.close(fd)\n"
    "print('acquired', flush=True)\n"
    "os.read(0, 1)\n"
    "os.unlink(sys.argv[1])\n"
    "print('released', flush=True)\n";

void python(benchmark::State& state) {
  pin_to_one_core();
  live(state,
       two_of(CommandSubject::Type::kWorker, {"/usr/bin/python3", "-c", kPython, "{dir}/pid"}), 100,
       {});
}

bool execute(const Words& words) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(0);
    ::close(1);
    ::dup2(::open("/dev/null", O_RDWR), 1);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execvp(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WEXITSTATUS(status) < 127;
}

void node(benchmark::State& state) {
  pin_to_one_core();
  const std::string script = LOCKPROOF_SOURCE "/scenarios/programs/stale.js";
  const std::string file = own_file();
  live(state, two_of(CommandSubject::Type::kWorker, {"node", script, "{dir}/pid"}), 10,
       [&](std::uint64_t runs) {
         for (std::uint64_t i = 0; i < 2 * runs; ++i) {
           if (!execute({"node", script, file})) return false;
         }
         return true;
       });
}

void arguments(benchmark::internal::Benchmark* bench) {
  bench->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(9);
}

BENCHMARK(static_program)->Apply(arguments);
BENCHMARK(flock)->Apply(arguments);
BENCHMARK(python)->Apply(arguments);
BENCHMARK(node)->Apply(arguments);

}  // namespace
}  // namespace lockproof

BENCHMARK_MAIN();
