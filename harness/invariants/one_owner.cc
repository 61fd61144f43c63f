// SPDX-License-Identifier: Apache-2.0
// one_owner: at no time two owners.
//
// Broken when B is told `owns` while A has been told so, has not begun to give up, and certainly
// lives: `owns` .. `gives_up` lies inside the true ownership, so both own at B's `owns`. A stopped
// owner still owns.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class OneOwner final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind != Kind::kOwns) return;
    each_owner_since(event.seq, [&](const LiveLife& owner) {
      if (owner.life == event.life || suspects(owner.life)) return;
      const LiveLife* second = lives().find(event.life);
      suspect(
          {owner.life}, event.seq,
          fmt::format("{} was told that it owns while {} had owned since event {} and was alive",
                      second == nullptr ? fmt::format("life {}", event.life) : called(*second),
                      called(owner), owner.turn.seq),
          {owner.turn, event});
    });
  }
};

}  // namespace

std::unique_ptr<Invariant> make_one_owner(const Bounds&) { return std::make_unique<OneOwner>(); }

}  // namespace lockproof
