// SPDX-License-Identifier: Apache-2.0
// Question: how much slower is a lock under the stress harness than in the same loop without it?
// What the harness adds is the witness, the watcher, the engine and the invariants; faults and
// delays are off on both sides.
//
// Each iteration runs both, one after the other, in a cage of its own: the same subject (solo), the
// same number of processes, the same pauses, on a tmpfs of its own. `ratio` is harness / bare, in
// owners a second.
//
// Command: make bench, or build/bench/bench/stress_throughput
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "core/random.h"
#include "stress/stress.h"
#include "subject/builtin.h"
#include "trace/cage.h"

namespace lockproof {
namespace {

constexpr std::int64_t kRunMs = 2'000;

void pause_us(std::uint32_t us) {
  if (us == 0) {
    ::sched_yield();
    return;
  }
  struct timespec time {};
  time.tv_nsec = static_cast<long>(us) * 1000;
  ::nanosleep(&time, nullptr);
}

// A contender's loop that tells nobody anything; it only counts.
class BareSession final : public Session {
 public:
  BareSession(std::string dir, std::atomic<std::uint64_t>& owners, std::uint32_t hold_us_max,
              Random random)
      : dir_(std::move(dir)), owners_(owners), hold_us_max_(hold_us_max), random_(random) {}

  solo::port::Sys& sys() override { return solo::port::linux_sys(); }
  bool on_host() const override { return true; }
  const std::string& dir() const override { return dir_; }
  void hold() override {
    if (hold_us_max_ > 0) pause_us(random_.below(hold_us_max_) + 1);
  }
  void serves() override { hold(); }

 private:
  void say(Kind kind, Phase, std::int8_t) override { owners_ += kind == Kind::kOwns; }

  std::string dir_;
  std::atomic<std::uint64_t>& owners_;
  std::uint32_t hold_us_max_;
  Random random_;
};

double seconds_now() {
  struct timespec time {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

[[noreturn]] void live_bare(const std::string& dir, std::atomic<std::uint64_t>& owners,
                            const StressOptions& options, std::uint64_t stream) {
  const struct sched_param none {};
  ::sched_setscheduler(0, SCHED_IDLE, &none);  // as the harness's contenders are
  Random random(options.seed, stream);
  BareSession session(dir, owners, options.hold_us_max, random);
  const Verb& run = find_builtin("solo")->verbs.front();
  for (;;) {
    run.act(session);
    pause_us(options.think_us_max == 0 ? 0 : random.below(options.think_us_max) + 1);
  }
}

double bare_owners_per_second(const StressOptions& options, const Cage& cage) {
  const std::string dir = cage.dir + "/run";
  ::mkdir(dir.c_str(), 0700);
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto& owners = *new (memory) std::atomic<std::uint64_t>(0);
  const double begin = seconds_now();
  for (int i = 0; i < options.processes; ++i) {
    if (::fork() == 0) live_bare(dir, owners, options, static_cast<std::uint64_t>(i));
  }
  while (seconds_now() - begin < static_cast<double>(options.duration_ms) / 1000) pause_us(1000);
  return static_cast<double>(owners.load()) / (seconds_now() - begin);  // the cage ends them
}

double in_cage(const std::function<double(const Cage&)>& measure) {
  const auto outcome = run_caged([&](const Cage& cage, int out) {
    const std::string text = fmt::format("{}", measure(cage));
    if (::write(out, text.data(), text.size()) < 0) ::_exit(1);
  });
  return outcome && !outcome->output.empty() ? std::stod(outcome->output) : 0;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void stress_throughput(benchmark::State& state) {
  StressOptions options;
  options.processes = static_cast<int>(state.range(0));
  options.hold_us_max = static_cast<std::uint32_t>(state.range(1));
  options.think_us_max = static_cast<std::uint32_t>(state.range(2));
  options.duration_ms = kRunMs;
  options.perturb = false;
  Scenario scenario;
  scenario.name = "bench";
  scenario.subject.builtin = find_builtin("solo");
  scenario.cast = {{"run"}};
  scenario.invariants = {
      "one_owner",    "record_names_owner", "losers_touch_nothing", "only_the_owner_clears",
      "no_lock_leak", "no_unlocked_owner",  "clean_exit",           "recovers"};
  std::vector<double> bare, harness, ratio;
  for (auto _ : state) {
    bare.push_back(
        in_cage([&](const Cage& cage) { return bare_owners_per_second(options, cage); }));
    harness.push_back(in_cage([&](const Cage& cage) {
      const RunResult result = run_stress(scenario, options, cage);
      return result.verdict == Verdict::kHolds
                 ? static_cast<double>(count_of(result, "owners")) / result.seconds
                 : 0;
    }));
    ratio.push_back(harness.back() / bare.back());
  }
  state.counters["bare/s"] = median(bare);
  state.counters["harness/s"] = median(harness);
  state.counters["ratio"] = median(ratio);
}

BENCHMARK(stress_throughput)
    ->ArgNames({"processes", "hold_us", "think_us"})
    ->Args({2, 0, 0})         // two processes, no pauses: what the harness costs each call
    ->Args({32, 0, 0})        // 32 that never pause: most attempts lose
    ->Args({32, 2000, 1600})  // the command's defaults
    ->Iterations(5)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace lockproof

BENCHMARK_MAIN();
