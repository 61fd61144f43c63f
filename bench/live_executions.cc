// SPDX-License-Identifier: Apache-2.0
// Question: how many executions a second does `check --world live` make, beside the limit: the same
// number of processes forked, and of calls stopped before and behind, by nothing but fork(2) and
// ptrace(2)?
//
// Everything is pinned to one core. An execution is a run of 2 processes to its end, drawn at
// random, with all that a check does on the way: a start, its files, who can go on at each step,
// the history, and the invariants. `ratio` is live / limit, `us_per_step` the time for each step of
// a run, births and deaths included.
//
// Last numbers (2 processors, beside nothing else; steps a run, runs/s, limit, ratio, us a step):
//   classic/o_excl                  9.9   2,800   4,750   0.59   36
//   genie/read_check_unlink_write  17.8   2,060   3,960   0.52   27
//   control/flock                  11.4   2,580   4,520   0.57   34
//   solo                           80.5     640   1,780   0.36   19
// On two cores, each process forked and traced anew, and the directory mounted anew: 85 to 125
// runs/s.
//
// What is beyond the limit, with a clock around each part: a birth and its death take 160 us in
// place of the 66 of a fork, for the process finds 33 pages anew (1 us each), is stopped three
// times before its first call, and dies in steps; a call takes 12 us in place of 8, for its
// registers and texts are read; a look at the files after each step takes 2 us.
//
// Command: make bench, or build/bench/bench/live_executions
#include <benchmark/benchmark.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>

#include "check/check.h"

namespace lockproof {
namespace {

constexpr std::uint64_t kExecutions = 300;
constexpr int kForks = 300;
constexpr int kStoppedCalls = 20'000;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double seconds_of_a_fork() {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kForks; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
  }
  return seconds_since(begin) / kForks;
}

[[noreturn]] void make_calls() {
  sock_filter stop_all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE)};
  const sock_fprog filter = {1, stop_all};
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
  for (;;) ::syscall(SYS_getppid);
}

// A call that is stopped before it is made and behind it.
double seconds_of_a_stopped_call() {
  const pid_t child = ::fork();
  if (child == 0) make_calls();
  ::waitpid(child, nullptr, 0);
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
  ::ptrace(PTRACE_CONT, child, nullptr, 0);
  ::waitpid(child, nullptr, 0);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kStoppedCalls; ++i) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, 0);
    ::waitpid(child, nullptr, 0);
    ::ptrace(PTRACE_CONT, child, nullptr, 0);
    ::waitpid(child, nullptr, 0);
  }
  const double seconds = seconds_since(begin) / kStoppedCalls;
  ::ptrace(PTRACE_KILL, child, nullptr, 0);
  ::waitpid(child, nullptr, 0);
  return seconds;
}

void pin_to_one_core() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
  ::sched_setaffinity(0, sizeof one, &one);
}

void live(benchmark::State& state, const char* subject) {
  pin_to_one_core();
  Scenario scenario;
  scenario.name = "bench";
  scenario.subject.builtin = find_builtin(subject);
  scenario.cast = {{"run"}, {"run"}};
  scenario.invariants = {"clean_exit"};
  CheckOptions options;
  options.world = InWorld::kLive;
  options.strategy = "random";
  options.executions = kExecutions;
  double seconds = 0;
  double executions = 0;
  double steps = 0;
  double limit_seconds = 0;
  for (auto _ : state) {
    const double of_a_run = 2 * seconds_of_a_fork();
    const double of_a_step = seconds_of_a_stopped_call();
    const auto result = check(scenario, options);
    if (!result.ok() || count_of(*result, "executions") != kExecutions) {
      return state.SkipWithError("the runs were not made");
    }
    executions += static_cast<double>(kExecutions);
    const auto transitions = static_cast<double>(count_of(*result, "transitions"));
    steps += transitions;
    seconds += result->seconds;
    limit_seconds += of_a_run * static_cast<double>(kExecutions) + of_a_step * transitions;
    state.SetIterationTime(result->seconds);
  }
  state.counters["steps_per_run"] = steps / executions;
  state.counters["runs_per_s"] = executions / seconds;
  state.counters["limit_per_s"] = executions / limit_seconds;
  state.counters["ratio"] = limit_seconds / seconds;
  state.counters["us_per_step"] = seconds / steps * 1e6;
}

void arguments(benchmark::internal::Benchmark* bench) {
  bench->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(5);
}

BENCHMARK_CAPTURE(live, o_excl, "classic/o_excl")->Apply(arguments);
BENCHMARK_CAPTURE(live, read_check_unlink_write, "genie/read_check_unlink_write")->Apply(arguments);
BENCHMARK_CAPTURE(live, flock, "control/flock")->Apply(arguments);
BENCHMARK_CAPTURE(live, solo, "solo")->Apply(arguments);

}  // namespace
}  // namespace lockproof

BENCHMARK_MAIN();
