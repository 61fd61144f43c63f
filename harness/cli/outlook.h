// SPDX-License-Identifier: Apache-2.0
// outlook: what is left of a breadth-first search, as far as the widths of its levels tell.
//
// Nobody knows how many states there are before all are known. While levels grow nothing can be
// said; when they are half as wide as the widest was, their decay is carried on: an estimate that
// holds if they go on like this, and is made anew at each look. Often they shrink faster in the
// end, and it was too high.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lockproof {

// The states that waited to be expanded at the first look at a depth: about the width of the level.
struct Level {
  unsigned depth = 0;
  std::uint64_t waiting = 0;
};

struct Outlook {
  enum class Trend : std::uint8_t {
    kUnknown,  // too few levels, or now larger, now smaller
    kGrowing,
    kShrinking
  };
  Trend trend = Trend::kUnknown;
  double states = 0;  // kShrinking: to expand until the end, if they go on like this; 0: too early
};

// `levels` by depth, which need not be one apart; `waiting`: how many states wait now.
Outlook outlook(const std::vector<Level>& levels, std::uint64_t waiting);

// "", "growing", "shrinking, about 40 s left if it goes on like this". `speed`: states expanded in
// a second; 0: not known.
std::string in_words(const Outlook& outlook, double speed);

}  // namespace lockproof
