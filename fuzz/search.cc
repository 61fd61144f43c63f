// SPDX-License-Identifier: Apache-2.0
// Small runs of generated programs: what bytes choose among the moves, and the search against all
// interleavings. The first byte says how many processes there are and which fault may come.
#include "explore/search.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "explore/claims.h"
#include "explore/dfs.h"
#include "explore/explore.h"
#include "explore/generated.h"
#include "sim/sim_space.h"
#include "sim/sim_world.h"
#include "subject/builtin.h"

namespace {

using namespace lockproof;

std::vector<std::vector<std::uint8_t>> scripts_of(const std::uint8_t*& data, std::size_t& size) {
  const std::size_t processes = 2 + data[0] % 2;
  const std::size_t calls = 5 - processes;  // so that all interleavings are soon made
  ++data, --size;
  std::vector<std::vector<std::uint8_t>> scripts(processes);
  for (auto& script : scripts) {
    const std::size_t taken = std::min(calls, size);
    script.assign(data, data + taken);
    data += taken;
    size -= taken;
  }
  return scripts;
}

// A state that nobody has met is as good as a line that nobody has executed: libFuzzer keeps what
// leads there.
[[gnu::section("__libfuzzer_extra_counters")]] std::uint8_t new_states[1 << 16];

// A run in which each byte chooses a step or a fault; it comes to its end, or to what the model
// refuses.
void walk(Space& space, const std::uint8_t* data, std::size_t size) {
  State at = space.first();
  std::vector<Successor> next;
  for (std::size_t i = 0; i < std::min<std::size_t>(size, 64); ++i) {
    next.clear();
    if (!space.expand(at, 0, next).ok() || next.empty()) return;
    const Successor& chosen = next[data[i] % next.size()];
    if (chosen.fingerprint != space.fingerprint(chosen.state)) std::abort();
    new_states[chosen.fingerprint.high >> 48] = 1;
    at = chosen.state;
  }
}

sim::SpaceStart start_of(const test::Generated& generated) {
  sim::SpaceStart start;
  for (Program* const program : generated.start.cast) start.cast.push_back({program});
  for (const StartFile& file : generated.start.files) {
    start.files.emplace_back(file.name, file.content);
  }
  start.roles = {"f", "", &read_pid_text};
  start.faults[0] = generated.rules.budget[0];
  start.rules.pids = sim::Pids::kConcrete;
  return start;
}

void expect_agreement(const Problem& problem, Space& space, const test::Generated& generated) {
  Dfs naive;
  Limits limits;
  limits.executions = 500;
  const auto all = explore(problem, naive, limits);
  if (!all.ok() || !all->exhausted) return;
  const auto found = search(space, {find_claim("one_owner")}, {}, nullptr);
  if (!found.ok() || (!found->breach && !found->exhausted)) return;
  const auto known = all->violations.find("one_owner");
  const bool broken = known != all->violations.end();
  const std::size_t steps = broken ? known->second.choices.size() : 0;
  if (broken == found->breach.has_value() && (!broken || found->breach->choices.size() == steps))
    return;
  std::fprintf(stderr, "%s\n", generated.text().c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned kills = data[0] >> 1 & 1;
  const auto scripts = scripts_of(data, size);
  // Who waits at its end is judged alike by both.
  test::Generated generated(scripts, kills, 26, true, "getppid");
  generated.invariants = {"one_owner"};
  generated.rules.late.assign(scripts.size(), false);
  sim::Tables tables(generated.texts);
  const auto space = sim::SimSpace::make(start_of(generated), tables);
  if (!space.ok()) return 0;
  walk(**space, data, size);
  sim::SimWorld world;
  expect_agreement(generated.problem(world), **space, generated);
  return 0;
}
