// SPDX-License-Identifier: Apache-2.0
#include "check/mutants.h"

#include <fmt/format.h>

#include "check/on_linux.h"
#include "check/shown.h"
#include "check/stage.h"

namespace lockproof {
namespace {

MutantResult check_mutant(const Scenario& scenario, const std::string& name,
                          const std::string& invariant, const CheckOptions& options,
                          std::vector<std::string>& notes) {
  MutantResult result{name, false, invariant};
  const auto note = [&](const std::string& why) {
    if (!why.empty()) notes.push_back(fmt::format("mutant {}: {}", name, why));
    return result;
  };
  Scenario mutated = scenario;
  mutated.invariants = {invariant};
  auto stage = Stage::make(mutated, *find_builtin(name), options.stage);
  if (!stage.ok()) return note(stage.error().sentence);
  CheckOptions of_mutant = options;
  of_mutant.shard.reset();
  of_mutant.checkpoint.reset();
  const auto judged = judge(**stage, mutated.invariants, scenario.bounds, of_mutant);
  if (!judged.ok()) return note(judged.error().sentence);
  if (!judged->broken) return note(judged->stopped);
  const auto shown = confirm(**stage, *judged->broken, scenario.bounds, judged_in(options));
  result.caught = shown.ok();
  result.steps = judged->broken->choices.size();
  if (!shown.ok()) return note(shown.error().sentence);
  if (judged_in(options) == InWorld::kLive) result.on_linux.confirmed = true;
  if (options.world == InWorld::kAuto || is_covered_live(options)) {
    make_mutant_on_linux(**stage, judged->broken->choices, result, notes);
  }
  return result;
}

}  // namespace

void check_mutants(const Scenario& scenario, const CheckOptions& options, RunResult& result) {
  for (const auto& [name, invariant] : scenario.mutants) {
    result.mutants.push_back(check_mutant(scenario, name, invariant, options, result.notes));
    if (result.mutants.back().caught || result.verdict != Verdict::kHolds) continue;
    result.verdict = Verdict::kInconclusive;
    result.reason = {
        ErrorCode::kMutantMissed,
        fmt::format("the mutant {} was not caught: this scenario would not notice", name)};
  }
}

}  // namespace lockproof
