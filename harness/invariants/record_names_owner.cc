// SPDX-License-Identifier: Apache-2.0
// record_names_owner: while a process owns, the record names it.
//
// A subject publishes before it says `owns`. Broken when a look at the record, from its begin to
// its end inside A's ownership, saw anything but A's pid: another pid, nothing, half a text. Where
// several own throughout, naming any of them is enough here: that they are several is one_owner's.
// `unknown` is no evidence.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class RecordNamesOwner final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kEnded) looks_.forget(event.life);
    if (event.kind != Kind::kLook || event.object != Object::kRecord) return;
    const Event* begin = looks_.see(event);
    if (begin == nullptr || event.value == seen::kUnknown) return;
    for (const LiveLife* owner : lives().owners()) {
      const bool throughout = owner->turn.seq < begin->seq;
      if (throughout && (owner->pid() == 0 || owner->pid() == event.value)) return;
    }
    each_owner_since(begin->seq, [&](const LiveLife& owner) {
      suspect({owner.life}, event.seq,
              fmt::format("the record {} at a look {}, while {} owned since event "
                          "{} and was alive",
                          describe_seen(event.value), when(*begin, event), called(owner),
                          owner.turn.seq),
              {owner.turn, event});
    });
  }

  Intervals looks_;
};

}  // namespace

std::unique_ptr<Invariant> make_record_names_owner(const Bounds&) {
  return std::make_unique<RecordNamesOwner>();
}

}  // namespace lockproof
