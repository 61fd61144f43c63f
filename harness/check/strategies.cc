// SPDX-License-Identifier: Apache-2.0
#include "check/strategies.h"

namespace lockproof {

const std::vector<StrategyInfo>& all_strategies() {
  static const std::vector<StrategyInfo> strategies = {
      {kSearch, "every state once, breadth first: the first run that it finds is a shortest one",
       false},
      {"dfs", "every interleaving, depth first, without any reduction", false},
      {"dpor", "of the interleavings that differ only in the order of independent steps, one",
       false},
      {"optimal", "as dpor, and no run is begun in vain: it looks ahead instead", false},
      {"random", "runs drawn at random: each step is any of those that are possible", true},
      {"urw", "runs drawn at random, each interleaving with about the same chance", true},
      {"pct", "runs by random priorities that change at 2 random steps", true},
  };
  return strategies;
}

const StrategyInfo* find_strategy(std::string_view name) {
  for (const StrategyInfo& strategy : all_strategies()) {
    if (strategy.name == name) return &strategy;
  }
  return nullptr;
}

}  // namespace lockproof
