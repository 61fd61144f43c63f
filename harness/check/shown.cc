// SPDX-License-Identifier: Apache-2.0
#include "check/shown.h"

#include <fmt/format.h>

namespace lockproof {

RunResult result_of(const Scenario& scenario, std::string strategy) {
  RunResult result;
  result.scenario = scenario.name;
  result.subject = scenario.subject.name();
  result.world = "sim";
  result.strategy = std::move(strategy);
  result.invariants = scenario.invariants;
  return result;
}

std::string replay_line(Stage& stage, const RunResult& result, const std::vector<Choice>& choices) {
  const int version = stage.tables().states_are_seen ? kDeathsCount : kDeathsPass;
  return "lockproof replay " + encode({result.scenario, version, choices});
}

void show(Evidence evidence, const std::vector<Choice>& choices, Stage& stage, RunResult& result) {
  result.replay = replay_line(stage, result, choices);
  result.steps = choices.size();
  result.findings = std::move(evidence.findings);
  result.history = {result.scenario, result.subject, result.world, false,
                    std::move(evidence.events)};
  result.run = std::move(evidence.steps);
  result.pair = evidence.pair;
  result.swapped = std::move(evidence.swapped);
  if (!result.findings.empty()) result.verdict = Verdict::kViolated;
}

Result<Evidence> confirm(Stage& stage, const Broken& broken, const Bounds& bounds, InWorld world) {
  auto shown = evidence(stage, {broken.invariant}, bounds, broken.choices, broken.at_rest, world);
  const auto disagree = [&](const std::string& how) {
    return internal_error(ErrorCode::kInternal,
                          fmt::format("a run was found to break {}, and {}: {}", broken.invariant,
                                      how, encode({"run", 1, broken.choices})));
  };
  if (!shown.ok()) return disagree("the same run again: " + shown.error().sentence);
  if (shown->findings.empty()) return disagree("the invariant says that it does not");
  shown->findings.resize(1);
  return shown;
}

}  // namespace lockproof
