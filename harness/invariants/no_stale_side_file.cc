// SPDX-License-Identifier: Apache-2.0
// no_stale_side_file: while a process owns, no side file of an earlier owner is seen.
//
// A look at a side file says the pid of the process that wrote it. A subject removes what an
// earlier owner left before it says `owns`. Broken when a look from its begin to its end inside
// A's ownership saw a pid that is none of those who own throughout. Absent, empty and torn side
// files are not stale.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoStaleSideFile final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kEnded) looks_.forget(event.life);
    if (event.kind != Kind::kLook || event.object != Object::kSide) return;
    const Event* begin = looks_.see(event);
    if (begin == nullptr || event.value <= 0) return;
    for (const LiveLife* owner : lives().owners()) {
      const bool throughout = owner->turn.seq < begin->seq;
      if (throughout && (owner->pid() == 0 || owner->pid() == event.value)) return;
    }
    each_owner_since(begin->seq, [&](const LiveLife& owner) {
      suspect({owner.life}, event.seq,
              fmt::format("a side file written by pid {} was seen {}, while {} "
                          "owned since event {} and was alive",
                          event.value, when(*begin, event), called(owner), owner.turn.seq),
              {owner.turn, event});
    });
  }

  Intervals looks_;
};

}  // namespace

std::unique_ptr<Invariant> make_no_stale_side_file(const Bounds&) {
  return std::make_unique<NoStaleSideFile>();
}

}  // namespace lockproof
