// SPDX-License-Identifier: Apache-2.0
// Visited: the states that a search has met, as 128-bit fingerprints, each with where it was met
// from.
//
// About 34 bytes a state, in mappings that never move. Two different states with one fingerprint
// would be taken for one; how likely that was is said with every verdict: collision_chance().
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/mapped.h"
#include "core/prefetch.h"
#include "world/space.h"

namespace lockproof {

class Visited {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNobody = 0xffffffff;
  static constexpr std::size_t kMaxStates = std::size_t{1} << 31;

  explicit Visited(std::size_t most = kMaxStates);

  // The state's number, counted from 0, and whether it is new. REQUIRES: size() < most.
  std::pair<Id, bool> insert(const Fingerprint& fingerprint, Id from);
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
  const Fingerprint& fingerprint(Id id) const { return fingerprints_[id]; }
  Id from(Id id) const { return from_[id]; }

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
  Mapped<Id> from_;
  Mapped<Slot> index_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

// That among so many states two have the same fingerprint: at most this (birthday bound).
double collision_chance(std::uint64_t states);

}  // namespace lockproof
