// SPDX-License-Identifier: Apache-2.0
// losers_touch_nothing: who is told that another one owns has changed nothing of it.
//
// An attempt is from `claim` to the next `claim` of the same life: clean-up after `busy` belongs to
// it. Broken when an attempt is told `busy`, and in it, before or after, the life changed the
// record, the lock or a side file, from begin to end inside the ownership of another. Creating the
// lock file is no change: it holds nothing, and who opens it cannot know that it will lose.
#include <fmt/format.h>

#include <utility>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class LosersTouchNothing final : public LifeInvariant {
  // A change whose author has not been told yet how its attempt ends.
  struct Touch {
    Life author;
    Life owner;
    bool owner_lived;
    std::string why;
    std::vector<Event> events;  // owner's `owns`, the change
  };

  void judge(const Event& event) override {
    if (!touches_.empty()) settle_touches(event);
    if (event.kind == Kind::kEnded) changes_.forget(event.life);
    if (event.kind != Kind::kChange) return;
    if (event.object == Object::kNone || event.object == Object::kIntent) return;
    const Event* begin = changes_.see(event);
    const bool harmless =
        event.object == Object::kLock && event.value == static_cast<std::int64_t>(Change::kCreate);
    if (begin == nullptr || harmless) return;
    const LiveLife* author = lives().find(event.life);
    if (author == nullptr || begin->seq < author->turn.seq) return;
    const bool busy = author->turn.seq != 0 && author->turn.kind == Kind::kBusy;
    if (!busy && !author->claiming()) return;
    each_owner_since(begin->seq, [&](const LiveLife& owner) {
      std::string why = fmt::format(
          "{} changed the {} ({}) {}, in an attempt that was told busy, while {} "
          "owned since event {} and was alive",
          called(*author), name(event.object), name(static_cast<Change>(event.value)),
          when(*begin, event), called(owner), owner.turn.seq);
      if (busy) {
        suspect({owner.life}, event.seq, std::move(why), {owner.turn, author->turn, event});
      } else if (!known(event.life, owner.life)) {
        touches_.push_back({event.life, owner.life, false, std::move(why), {owner.turn, event}});
      }
    });
  }

  bool known(Life author, Life owner) const {
    for (const Touch& touch : touches_) {
      if (touch.author == author && touch.owner == owner) return true;
    }
    return false;
  }

  void settle_touches(const Event& event) {
    std::erase_if(touches_, [&](Touch& touch) {
      const Proof proof = lives().proof(event, touch.owner, touch.events.back().seq);
      touch.owner_lived = touch.owner_lived || proof == Proof::kAlive;
      if (proof == Proof::kNever && !touch.owner_lived) return true;
      if (event.life != touch.author) return false;
      switch (event.kind) {
        case Kind::kBusy: {
          const std::uint64_t changed = touch.events.back().seq;
          touch.events.push_back(event);
          if (touch.owner_lived) {
            report(std::move(touch.why), std::move(touch.events));
          } else {
            suspect({touch.owner}, changed, std::move(touch.why), std::move(touch.events));
          }
          return true;
        }
        case Kind::kClaim:
        case Kind::kEnded:
          return true;
        default:
          return false;
      }
    });
  }

  Intervals changes_;
  std::vector<Touch> touches_;
};

}  // namespace

std::unique_ptr<Invariant> make_losers_touch_nothing(const Bounds&) {
  return std::make_unique<LosersTouchNothing>();
}

}  // namespace lockproof
