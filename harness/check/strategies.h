// SPDX-License-Identifier: Apache-2.0
// The strategies of `check`, a closed list: who goes next, and what an end without a finding shows.
#pragma once

#include <string_view>
#include <vector>

namespace lockproof {

struct StrategyInfo {
  std::string_view name;
  std::string_view sentence;
  // Draws runs with the numbers of a seed, for as long as it is told to: it finds, and never shows
  // that there is nothing to find.
  bool samples;
};

inline constexpr std::string_view kSearch = "search";

// The first one is the default.
const std::vector<StrategyInfo>& all_strategies();
const StrategyInfo* find_strategy(std::string_view name);

}  // namespace lockproof
