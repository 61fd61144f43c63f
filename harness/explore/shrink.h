// SPDX-License-Identifier: Apache-2.0
// What makes a counterexample readable: fewer choices, and the one pair of steps that it is about.
#pragma once

#include <optional>

#include "explore/replay.h"

namespace lockproof {

// Fewer of these choices that still break the claim (Zeller, Hildebrandt: Simplifying and isolating
// failure-inducing input, TSE 2002: ddmin); whole actors are tried first. Without any one of what
// is left it holds, or breaks only later. What is not possible without those that were left out is
// left out, too. A run that is at rest at its end is judged as one. For what random strategies
// find: a breadth-first search is short by itself. REQUIRES: the choices break the claim.
Result<std::vector<Choice>> shrink(const Problem& problem, const std::vector<Choice>& choices,
                                   const std::string& claim);

// Two steps next to each other, of different processes, that are possible in the other order, too:
// then the claim holds, however much of the rest still happens. The last such pair.
struct CriticalPair {
  std::size_t first;  // place in the choices; the second is the next one
};
std::optional<CriticalPair> critical_pair(const Problem& problem,
                                          const std::vector<Choice>& choices,
                                          const std::string& claim);

}  // namespace lockproof
