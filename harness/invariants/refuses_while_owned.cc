// SPDX-License-Identifier: Apache-2.0
// refuses_while_owned: a destructive command does nothing while an owner lives.
//
// Broken when a kDestroy says at its end that it was done (value 1), and another life owned from
// before its begin until its end.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class RefusesWhileOwned final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kEnded) commands_.forget(event.life);
    if (event.kind != Kind::kDestroy) return;
    const Event* begin = commands_.see(event);
    if (begin == nullptr || event.value != 1) return;
    each_owner_since(begin->seq, [&](const LiveLife& owner) {
      if (owner.life == event.life) return;
      suspect({owner.life}, event.seq,
              fmt::format("life {} ran a destructive command to its end, {}, while "
                          "{} owned since event {} and was alive",
                          event.life, when(*begin, event), called(owner), owner.turn.seq),
              {owner.turn, event});
    });
  }

  Intervals commands_;
};

}  // namespace

std::unique_ptr<Invariant> make_refuses_while_owned(const Bounds&) {
  return std::make_unique<RefusesWhileOwned>();
}

}  // namespace lockproof
