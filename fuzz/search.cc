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

constexpr std::size_t kCalls = 3;  // of each process, so that all interleavings are soon made

std::vector<std::vector<std::uint8_t>> scripts_of(const std::uint8_t*& data, std::size_t& size) {
  const std::size_t processes = 2 + data[0] % 2;
  ++data, --size;
  std::vector<std::vector<std::uint8_t>> scripts(processes);
  for (auto& script : scripts) {
    for (std::size_t i = 0; i < std::min(kCalls, size); ++i) script.push_back(data[i]);
    const std::size_t taken = std::min(kCalls, size);
    data += taken;
    size -= taken;
  }
  return scripts;
}

// A run in which each byte chooses; it comes to its end, or to what the model refuses.
void run(const Problem& problem, const std::uint8_t* data, std::size_t size) {
  Execution execution(problem);
  if (!execution.begin().ok()) return;
  for (std::size_t i = 0; i < std::min<std::size_t>(size, 64); ++i) {
    const std::vector<Choice> all = execution.moves().all();
    if (all.empty()) break;
    if (!execution.take(all[data[i] % all.size()]).ok()) return;
  }
  (void)execution.judge(execution.moves().steps().empty());
}

void expect_agreement(const Problem& problem, test::Generated& generated) {
  Dfs naive;
  Limits limits;
  limits.executions = 2'000;
  const auto all = explore(problem, naive, limits);
  if (!all.ok() || !all->exhausted) return;
  sim::Tables tables(generated.texts);
  sim::SpaceStart start;
  for (Program* const program : generated.start.cast) start.cast.push_back({program});
  for (const StartFile& file : generated.start.files) {
    start.files.emplace_back(file.name, file.content);
  }
  start.roles = {"f", "", &read_pid_text};
  start.faults[0] = generated.rules.budget[0];
  start.rules.pids = sim::Pids::kConcrete;
  auto space = sim::SimSpace::make(start, tables);
  if (!space.ok()) return;
  const auto found = search(**space, {find_claim("one_owner")}, {}, nullptr);
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
  sim::SimWorld world;
  const Problem problem = generated.problem(world);
  run(problem, data, size);
  expect_agreement(problem, generated);
  return 0;
}
