// SPDX-License-Identifier: Apache-2.0
// Fingerprints: a set that numbers what it holds.
//
// About 30 bytes each, in mappings that never move. Two different things with one fingerprint
// would be taken for one; how likely that was is said by collision_chance(), and with every
// verdict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/mapped.h"
#include "core/open_table.h"
#include "world/space.h"

namespace lockproof {

class Fingerprints {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = 0xffffffff;
  static constexpr std::size_t kMost = std::size_t{3} << 29;

  explicit Fingerprints(std::size_t most = kMost);

  // Its number, counted from 0, and whether it is new. REQUIRES: size() < most.
  LOCKPROOF_ALWAYS_INLINE std::pair<Id, bool> insert(const Fingerprint& fingerprint) {
    const std::uint32_t tag = tag_of(fingerprint);
    const auto id = static_cast<Id>(size());
    const auto [slot, fresh] = index_.find_or_add(
        tag,
        [&](const Slot& found) {
          return found.tag == tag && fingerprints_[found.id_plus_one - 1] == fingerprint;
        },
        [&] {
          return Slot{tag, id + 1};
        });
    if (fresh) fingerprints_[id] = fingerprint;
    return {slot->id_plus_one - 1, fresh};
  }
  // Asks the cache for what insert() will look at: first the index, then, when that has arrived,
  // what it leads to.
  LOCKPROOF_ALWAYS_INLINE void prefetch(const Fingerprint& fingerprint) const {
    index_.prefetch(tag_of(fingerprint));
  }
  LOCKPROOF_ALWAYS_INLINE void prefetch_found(const Fingerprint& fingerprint) const {
    const Slot* const slot = index_.first(tag_of(fingerprint));
    if (slot->taken()) lockproof::prefetch(&fingerprints_[slot->id_plus_one - 1]);
  }

  std::size_t size() const { return index_.size(); }
  const Fingerprint& operator[](Id id) const { return fingerprints_[id]; }

  std::size_t bytes() const { return size() * sizeof(Fingerprint) + index_.bytes(); }
  // Needed at once when the index grows soon; 0 while that is far.
  std::size_t bytes_to_grow() const { return index_.bytes_to_grow(); }

 private:
  struct Slot {
    std::uint32_t tag;
    std::uint32_t id_plus_one;  // 0: free
    std::uint32_t hash() const { return tag; }
    bool taken() const { return id_plus_one != 0; }
  };
  static std::uint32_t tag_of(const Fingerprint& fingerprint) {
    return static_cast<std::uint32_t>(fingerprint.high >> 32);
  }

  Mapped<Fingerprint> fingerprints_;
  OpenTable<Slot> index_;
};

// That among so many two have the same fingerprint: at most this (birthday bound).
double collision_chance(std::uint64_t many);

}  // namespace lockproof
