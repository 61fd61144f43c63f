// SPDX-License-Identifier: Apache-2.0
// no_needless_start: nothing starts by itself while an instance owns.
//
// Broken when an automatic start that did start something (value 1) lies inside the ownership of
// another life, from its begin to its end. One that began before it may have looked before it.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoNeedlessStart final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kEnded) starts_.forget(event.life);
    if (event.kind != Kind::kAutoStart) return;
    const Event* begin = starts_.see(event);
    if (begin == nullptr || event.value != 1) return;
    each_owner_since(begin->seq, [&](const LiveLife& owner) {
      if (owner.life == event.life) return;
      suspect({owner.life}, event.seq,
              fmt::format("life {} started an instance by itself, {}, while {} "
                          "owned since event {} and was alive",
                          event.life, when(*begin, event), called(owner), owner.turn.seq),
              {owner.turn, event});
    });
  }

  Intervals starts_;
};

}  // namespace

std::unique_ptr<Invariant> make_no_needless_start(const Bounds&) {
  return std::make_unique<NoNeedlessStart>();
}

}  // namespace lockproof
