// SPDX-License-Identifier: Apache-2.0
#include "world/fingerprints.h"

#include <bit>
#include <cmath>

namespace lockproof {

Fingerprints::Fingerprints(std::size_t most)
    : fingerprints_(most), index_(static_cast<unsigned>(std::bit_width(most * 5 / 4))) {}

std::pair<Fingerprints::Id, bool> Fingerprints::insert(const Fingerprint& fingerprint) {
  const std::uint32_t tag = tag_of(fingerprint);
  const Slot* const found = index_.find(tag, [&](const Slot& slot) {
    return slot.tag == tag && fingerprints_[slot.id_plus_one - 1] == fingerprint;
  });
  if (found != nullptr) return {found->id_plus_one - 1, false};
  const auto id = static_cast<Id>(size());
  fingerprints_[id] = fingerprint;
  index_.add({tag, id + 1});
  return {id, true};
}

// n of them, 2^128 fingerprints: at most n^2 / 2^129.
double collision_chance(std::uint64_t many) {
  return std::ldexp(static_cast<double>(many) * static_cast<double>(many), -129);
}

}  // namespace lockproof
