// SPDX-License-Identifier: Apache-2.0
// Visited: the states that a search has met, each with the one that it was met from first; shared
// out by fingerprint, so that several threads can enter theirs at once.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/mapped.h"
#include "world/fingerprints.h"

namespace lockproof {

class Visited {
 public:
  using Ref = std::uint32_t;  // of a state, whichever share it is in
  static constexpr Ref kNobody = Fingerprints::kNone;
  static constexpr std::size_t kMost = Fingerprints::kMost;  // states, in all shares

  explicit Visited(unsigned shares) : count_(shares) {
    for (unsigned i = 0; i < shares; ++i) shares_.emplace_back(kMost / shares);
  }

  unsigned share_of(const Fingerprint& print) const {
    return static_cast<unsigned>((print.high & 0xffffffff) * count_ >> 32);
  }
  // Whether it is new. One thread a share. REQUIRES: share == share_of(print)
  std::pair<Ref, bool> insert(unsigned share, const Fingerprint& print, Ref from) {
    Share& mine = shares_[share];
    const auto [id, fresh] = mine.prints.insert(print);
    if (fresh) mine.from[id] = from;
    return {static_cast<Ref>(id * count_ + share), fresh};
  }
  void set_from(Ref ref, Ref from) { shares_[ref % count_].from[id(ref)] = from; }
  const Fingerprints& prints(unsigned share) const { return shares_[share].prints; }
  unsigned shares() const { return count_; }
  // By the order of the shares, and in each by that of insert(): a number that does not depend on
  // how many threads there are.
  Ref ref(unsigned share, Fingerprints::Id id) const {
    return static_cast<Ref>(id * count_ + share);
  }
  std::pair<unsigned, Fingerprints::Id> place(Ref ref) const { return {ref % count_, id(ref)}; }

  const Fingerprint& fingerprint(Ref ref) const { return share(ref).prints[id(ref)]; }
  Ref from(Ref ref) const { return share(ref).from[id(ref)]; }

  std::uint64_t size() const;
  std::size_t bytes() const;
  // Needed at once when something grows soon; 0 while that is far.
  std::size_t bytes_to_grow() const;

 private:
  struct Share {
    explicit Share(std::size_t most) : prints(most), from(most) {}
    Fingerprints prints;
    Mapped<Ref> from;
  };
  const Share& share(Ref ref) const { return shares_[ref % count_]; }
  Fingerprints::Id id(Ref ref) const { return static_cast<Ref>(ref / count_); }

  const unsigned count_;
  std::vector<Share> shares_;
};

}  // namespace lockproof
