// SPDX-License-Identifier: Apache-2.0
// Claims: invariants as questions about one step of a search.
//
// An invariant (invariants/) is a fold over a whole history; a search cannot keep one for each
// state. A claim is the same promise, asked of a step and the states around it. Each run that
// breaks a claim is given to the invariant too, and only what both say is reported (check.h).
#pragma once

#include <string_view>
#include <vector>

#include "world/space.h"

namespace lockproof {

// A promise about what goes on for ever, asked of the graph of a whole search.
enum class ForEver : std::uint8_t { kNothing, kLivelock, kHotSpin, kOrphan };

struct Claim {
  std::string_view invariant;
  bool (*broken)(const Facts& before, const Transition& step, const Facts& after);
  // Of a state in which nothing happens any more; null: nothing is claimed about these.
  bool (*broken_at_rest)(const Facts& facts, const Rest& rest) = nullptr;
  ForEver never = ForEver::kNothing;
};

// In the order of the invariants.
const std::vector<Claim>& all_claims();
// Null: this invariant is not one that a search can judge.
const Claim* find_claim(std::string_view invariant);

}  // namespace lockproof
