// SPDX-License-Identifier: Apache-2.0
// no_hot_spin: nobody waits by asking again and again without a pause.
//
// Only where the order of all steps is known. Broken when a life comes back to where it was by its
// own calls alone, none of which gave time away (a `loop` with that life as its target): as long as
// nobody else changes anything it burns its processor, and may keep the owner from its own.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoHotSpin final : public LifeInvariant {
 private:
  void judge(const Event& event) override {
    if (event.kind != Kind::kLoop || event.target == kHarness) return;
    const LiveLife* life = lives().find(event.target);
    if (life == nullptr) return;
    report(fmt::format("{} can repeat its calls after event {} for ever, without a pause",
                       called(*life), event.value),
           {life->turn.seq != 0 ? life->turn : life->start, event});
  }
};

}  // namespace

std::unique_ptr<Invariant> make_no_hot_spin(const Bounds&) { return std::make_unique<NoHotSpin>(); }

}  // namespace lockproof
