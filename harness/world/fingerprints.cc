// SPDX-License-Identifier: Apache-2.0
#include "world/fingerprints.h"

#include <bit>
#include <cmath>

namespace lockproof {

Fingerprints::Fingerprints(std::size_t most)
    : fingerprints_(most), index_(static_cast<unsigned>(std::bit_width(most * 5 / 4))) {}

// n of them, 2^128 fingerprints: at most n^2 / 2^129.
double collision_chance(std::uint64_t many) {
  return std::ldexp(static_cast<double>(many) * static_cast<double>(many), -129);
}

}  // namespace lockproof
