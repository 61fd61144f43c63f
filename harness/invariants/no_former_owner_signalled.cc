// SPDX-License-Identifier: Apache-2.0
// no_former_owner_signalled: who owns no more is not signalled in the owner's place.
//
// Who signals an owner looks first who that is, and between the look and the signal the owner may
// give up: nobody can help that. But who had given up before the look began (`pick`) was not the
// owner at any moment since. Broken when a life signals one that has owned, had given up, clean-up
// included, before the sender's last `pick`, and has not owned since. Nothing is said of senders
// that do not say when they look, nor of the dead.
#include <fmt/format.h>

#include <unordered_map>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoFormerOwnerSignalled final : public LifeInvariant {
  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kOwns:
        over_.erase(event.life);
        break;
      case Kind::kClaim:
      case Kind::kBusy:
      case Kind::kFailed:
      case Kind::kReleased:
        note_end(event);
        break;
      case Kind::kPick:
        picks_[event.life] = event.seq;
        break;
      case Kind::kSignal:
        judge_signal(event);
        break;
      case Kind::kEnded:
        over_.erase(event.life);
        picks_.erase(event.life);
        break;
      default:
        break;
    }
  }

  void note_end(const Event& event) {
    const LiveLife* life = lives().find(event.life);
    const bool owned = life != nullptr && (life->owns() || life->giving_up());
    if (owned) over_.insert_or_assign(event.life, event);
  }

  void judge_signal(const Event& event) {
    const auto over = over_.find(event.target);
    const auto pick = picks_.find(event.life);
    if (over == over_.end() || pick == picks_.end() || over->second.seq > pick->second) return;
    if (event.phase == Phase::kBegin || event.value == 0 || event.life == event.target) return;
    report(fmt::format("life {} sent signal {} to life {}, which had given up at event {}; it "
                       "began to look for the owner at event {}",
                       event.life, event.value, event.target, over->second.seq, pick->second),
           {over->second, event});
  }

  std::unordered_map<Life, Event> over_;           // when who has owned had given up
  std::unordered_map<Life, std::uint64_t> picks_;  // when somebody last began to look
};

}  // namespace

std::unique_ptr<Invariant> make_no_former_owner_signalled(const Bounds&) {
  return std::make_unique<NoFormerOwnerSignalled>();
}

}  // namespace lockproof
