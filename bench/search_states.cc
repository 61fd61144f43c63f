// SPDX-License-Identifier: Apache-2.0
// Question: how many states a second does the search visit, and how many bytes does each take,
// beside SPIN on the same protocol with the same steps?
//
// The protocol is classic/o_excl_steal; bench/spin/o_excl_steal.pml is the same by hand, one d_step
// a system call. Nothing is claimed on either side, so both visit everything. SPIN's counters of
// states differ a little (it keeps what a dead process had read until its end); what is compared is
// the rate. `names`: pids as names and contenders exchangeable, which SPIN does not have.
//
// `pids_learned` is the rate of the search alone: the first search of a space learns on its way
// what programs and kernel do, the next one knows all of it.
//
// Last numbers (4 contenders, 2 kills, 2 processors, one run): `pids` 2.15 M states/s and 38 bytes
// a state (2.00 and 2.05 in the next two runs; less beside other work), `pids_learned` 3.19 M/s,
// `names` 0.81 M/s and 91 bytes; SPIN 0.82 M/s and 79 bytes.
//
// Command: make bench, or build/bench/bench/search_states. SPIN comes with `apt-get install spin`;
// where it is missing its rows are left out.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "check/stage.h"
#include "explore/search.h"

namespace lockproof {
namespace {

Scenario scenario_of(int processes, int kills) {
  Scenario scenario;
  scenario.name = "bench";
  scenario.subject.builtin = find_builtin("classic/o_excl_steal");
  scenario.cast.assign(static_cast<std::size_t>(processes), {"run"});
  scenario.invariants = {"one_owner"};
  scenario.faults = {{"kill", kills}};
  return scenario;
}

enum class Space { kNew, kLearned };

// One whole search. Counters: states, states a second, bytes a state. In a space that is new, what
// programs and kernel do is learned on the way; in one that was searched before, all is known.
void search_all(benchmark::State& state, sim::Pids pids, Space what) {
  const Scenario scenario =
      scenario_of(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  SearchProgress end;
  double seconds = 0;
  for (auto _ : state) {
    auto stage = Stage::make(scenario, *scenario.subject.builtin, {});
    auto space = sim::SimSpace::make((*stage)->space(pids), (*stage)->tables());
    if (what == Space::kLearned && !search(**space, {}, {}, {}).ok()) return;
    const auto result = search(**space, {}, {}, {});
    if (!result.ok() || !result->exhausted) state.SkipWithError("not exhausted");
    end = result->end;
    seconds += end.seconds;
    state.SetIterationTime(end.seconds);
  }
  const auto states = static_cast<double>(end.states);
  state.counters["states"] = states;
  state.counters["states_per_s"] = states * static_cast<double>(state.iterations()) / seconds;
  state.counters["bytes_per_state"] = static_cast<double>(end.bytes) / states;
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return text;
  char part[4096];
  while (const std::size_t size = std::fread(part, 1, sizeof part, pipe)) text.append(part, size);
  ::pclose(pipe);
  return text;
}

double number_in(const std::string& text, const char* pattern) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? std::stod(match[1]) : 0;
}

// The same protocol, searched by the verifier that SPIN generates: safety only, no partial order
// reduction, as ours has none.
void spin(benchmark::State& state) {
  if (std::system("command -v spin >/dev/null") != 0) return state.SkipWithError("no spin here");
  char folder[] = "/tmp/lockproof-spin-XXXXXX";
  if (::mkdtemp(folder) == nullptr) return state.SkipWithError("no folder in /tmp");
  const std::string model = LOCKPROOF_SOURCE "/bench/spin/o_excl_steal.pml";
  std::ostringstream build;
  build << "cd " << folder << " && spin -a -DN=" << state.range(0) << " -DK=" << state.range(1)
        << " " << model << " && gcc -O2 -DSAFETY -DNOREDUCE -DMEMLIM=8000 -o pan pan.c";
  const std::string built = output_of(build.str());
  double states = 0;
  double seconds = 0;
  double bytes = 0;
  for (auto _ : state) {
    const std::string out =
        output_of(std::string("cd ") + folder + " && ./pan -m100000 -E -c0 -w24");
    states = number_in(out, "([0-9.e+]+) states, stored");
    const double took = number_in(out, "elapsed time ([0-9.]+) seconds");
    if (states == 0) state.SkipWithError(built.c_str());
    bytes = number_in(out, "([0-9.]+)\tactual memory usage for states") * (1 << 20);
    seconds += took;
    state.SetIterationTime(took);
  }
  std::filesystem::remove_all(folder);
  state.counters["states"] = states;
  state.counters["states_per_s"] = states * static_cast<double>(state.iterations()) / seconds;
  state.counters["bytes_per_state"] = bytes / states;
}

void arguments(benchmark::internal::Benchmark* bench) {
  bench->Args({3, 2})->Args({4, 2})->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);
}

BENCHMARK_CAPTURE(search_all, names, sim::Pids::kSymbolic, Space::kNew)->Apply(arguments);
BENCHMARK_CAPTURE(search_all, pids, sim::Pids::kConcrete, Space::kNew)->Apply(arguments);
BENCHMARK_CAPTURE(search_all, pids_learned, sim::Pids::kConcrete, Space::kLearned)
    ->Apply(arguments);
BENCHMARK(spin)->Apply(arguments);

}  // namespace
}  // namespace lockproof

BENCHMARK_MAIN();
