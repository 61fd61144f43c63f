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
#include "core/prefetch.h"
#include "world/space.h"

namespace lockproof {

class Fingerprints {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = 0xffffffff;
  static constexpr std::size_t kMost = std::size_t{1} << 31;

  explicit Fingerprints(std::size_t most = kMost);

  // Its number, counted from 0, and whether it is new. REQUIRES: size() < most.
  std::pair<Id, bool> insert(const Fingerprint& fingerprint);
  // Asks the cache for what insert() will look at: first the index, then, when that has arrived,
  // what it leads to.
  LOCKPROOF_ALWAYS_INLINE void prefetch(const Fingerprint& fingerprint) const {
    lockproof::prefetch(&index_[fingerprint.low & mask_]);
  }
  LOCKPROOF_ALWAYS_INLINE void prefetch_found(const Fingerprint& fingerprint) const {
    const Slot slot = index_[fingerprint.low & mask_];
    if (slot.id_plus_one != 0) lockproof::prefetch(&fingerprints_[slot.id_plus_one - 1]);
  }

  std::size_t size() const { return size_; }
  const Fingerprint& operator[](Id id) const { return fingerprints_[id]; }

  std::size_t bytes() const;
  // Needed at once when the index grows soon; 0 while that is far.
  std::size_t bytes_to_grow() const;

 private:
  struct Slot {
    std::uint32_t tag;          // high bits of the fingerprint
    std::uint32_t id_plus_one;  // 0: free
  };
  void grow();
  void place(const Fingerprint& fingerprint, Id id);

  Mapped<Fingerprint> fingerprints_;
  Mapped<Slot> index_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

// That among so many two have the same fingerprint: at most this (birthday bound).
double collision_chance(std::uint64_t many);

}  // namespace lockproof
