// SPDX-License-Identifier: Apache-2.0
#include "check/shared_searches.h"

#include <algorithm>

namespace lockproof {

void SharedSearches::expect(const Scenario& scenario, const StageOptions& options) {
  if (scenario.subject.builtin == nullptr || scenario.expect.verdict != Verdict::kHolds) return;
  const auto stage = Stage::make(scenario, *scenario.subject.builtin, options);
  if (!stage.ok()) return;
  Group& group = groups_[(*stage)->what_can_happen()];
  ++group.scenarios;
  for (const std::string& invariant : scenario.invariants) {
    auto& all = group.invariants;
    if (std::find(all.begin(), all.end(), invariant) == all.end()) all.push_back(invariant);
  }
}

Result<Judged> SharedSearches::judge(Stage& stage, const Scenario& scenario,
                                     const CheckOptions& options) {
  const auto found = groups_.find(stage.what_can_happen());
  const bool alone = found == groups_.end() || found->second.scenarios < 2 ||
                     found->second.is_broken || scenario.expect.verdict != Verdict::kHolds;
  if (alone) return judge_by_search(stage, scenario.invariants, options);
  Group& group = found->second;
  if (group.seen) {
    Judged same = *group.seen;
    same.seconds = 0;
    if (!same.how.empty()) same.how += "; one search with " + group.seen_in;
    return same;
  }
  auto judged = judge_by_search(stage, group.invariants, options);
  if (!judged.ok()) return judged;
  group.is_broken = judged->broken.has_value();
  if (group.is_broken) return judge_by_search(stage, scenario.invariants, options);
  group.seen = *judged;
  group.seen_in = scenario.name;
  return judged;
}

}  // namespace lockproof
