// SPDX-License-Identifier: Apache-2.0
#include "explore/explore.h"

#include <fmt/format.h>

namespace lockproof {
namespace {

void note_findings(Execution& run, bool at_rest, Explored& explored) {
  explored.owned = explored.owned || run.recorder().owned() != 0;
  for (Finding& finding : run.judge(at_rest)) {
    const std::size_t length = run.steps_until(finding);
    const auto known = explored.violations.find(finding.invariant);
    if (known != explored.violations.end() && known->second.choices.size() <= length) continue;
    std::vector<Choice> choices = run.choices();
    choices.resize(length);
    std::string name = finding.invariant;
    explored.violations[name] = {std::move(finding), std::move(choices)};
  }
}

// One execution, from where the run is to where the strategy lets it end. That a run was at rest is
// counted when it comes there, and not again when it goes on from there with another fault.
void execute(Execution& run, Strategy& strategy, const Limits& limits, Explored& explored) {
  const std::size_t from = run.depth();
  bool seen = from > 0;
  while (true) {
    const Possible possible{run.moves().steps(), run.moves().faults()};
    if (possible.at_rest() && seen && run.depth() == from) {
      // judged before
    } else if (possible.at_rest()) {
      ++explored.executions;
      explored.end_states.insert(run.end_state());
      note_findings(run, true, explored);
    } else if (run.depth() >= limits.steps) {
      ++explored.executions;
      note_findings(run, false, explored);
      explored.reason = {ErrorCode::kBound,
                         fmt::format("an execution was cut after {} steps", limits.steps)};
      return;
    }
    const auto choice = strategy.choose(run, possible);
    if (!choice) return;
    if (auto taken = run.take(*choice); !taken) {
      ++explored.executions;
      explored.reason = Reason(taken.error());
      return;
    }
    ++explored.transitions;
    strategy.took(run);
  }
}

}  // namespace

Result<Explored> explore(const Problem& problem, Strategy& strategy, const Limits& limits) {
  Execution run(problem);
  Explored explored;
  if (auto begun = run.begin(); !begun) return begun.error();
  bool fresh = true;
  while (true) {
    const auto next = strategy.resume(run);
    if (!next) return next.error();
    const std::optional<std::size_t> depth = *next;
    if (!depth) break;
    if (explored.executions >= limits.executions || limits.stop(explored)) {
      if (explored.reason.empty()) explored.reason = {ErrorCode::kBound, kBound};
      break;
    }
    if (!fresh) {
      if (auto back = run.back_to(*depth); !back) return back.error();
    }
    fresh = false;
    execute(run, strategy, limits, explored);
  }
  explored.exhausted = explored.reason.empty();
  return explored;
}

}  // namespace lockproof
