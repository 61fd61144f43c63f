// SPDX-License-Identifier: Apache-2.0
// no_unlocked_owner: who owns holds the lock that the name reaches.
//
// Broken when a look at the lock, from its begin to its end inside A's ownership, saw that nobody
// holds the file that the name reaches: no lock at all (A went on without it, or lost it), or only
// one on a file that the name no longer reaches (A guards a door that others do not use).
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoUnlockedOwner final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kEnded) looks_.forget(event.life);
    if (event.kind != Kind::kLook || event.object != Object::kLock) return;
    const Event* begin = looks_.see(event);
    if (begin == nullptr) return;
    if (event.value != seen::kAbsent && event.value != seen::kOrphan) return;
    each_owner_since(begin->seq, [&](const LiveLife& owner) {
      suspect({owner.life}, event.seq,
              fmt::format("{} owned since event {} and was alive, but {} {}", called(owner),
                          owner.turn.seq, when(*begin, event),
                          event.value == seen::kAbsent
                              ? "nobody held the lock"
                              : "the lock was held on a file that the name no longer reaches"),
              {owner.turn, event});
    });
  }

  Intervals looks_;
};

}  // namespace

std::unique_ptr<Invariant> make_no_unlocked_owner(const Bounds&) {
  return std::make_unique<NoUnlockedOwner>();
}

}  // namespace lockproof
