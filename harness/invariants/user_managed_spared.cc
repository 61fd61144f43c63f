// SPDX-License-Identifier: Apache-2.0
// user_managed_spared: an instance that a user started is never signalled unasked.
//
// Asked is what a stopper or a remover does: a user ran it. Broken when another life than those,
// the harness and itself signals an instance that a user started; or when one dies by a signal that
// is sent to end processes, nobody is known to have sent it, and since its start no stop and no
// destructive command was under way.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/deaths.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class UserManagedSpared final : public LifeInvariant {
  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kStop:
      case Kind::kDestroy:
        commands_.see(event);
        asked_ = event.seq;
        break;
      case Kind::kSignal:
        judge_signal(event);
        break;
      case Kind::kEnded:
        judge_end(event);
        if (!commands_.open().empty()) asked_ = event.seq;
        commands_.forget(event.life);
        break;
      default:
        break;
    }
  }

  void judge_signal(const Event& event) {
    const LiveLife* target = lives().find(event.target);
    if (target == nullptr || target->role() != role::kUserInstance) return;
    if (event.phase == Phase::kBegin || event.value == 0 || event.life == event.target) return;
    const LiveLife* sender = lives().find(event.life);
    if (sender == nullptr || sender->start.seq == 0) return;  // its role is unknown
    if (sender->role() == role::kStopper || sender->role() == role::kRemover) return;
    report(fmt::format("{}, a {}, sent signal {} to {}, which a user started", called(*sender),
                       sender->role(), event.value, called(*target)),
           {target->start, event});
  }

  void judge_end(const Event& event) {
    const LiveLife* dead = lives().find(event.life);
    if (dead == nullptr || dead->role() != role::kUserInstance) return;
    if (asked_ > dead->start.seq || !commands_.open().empty()) return;
    if (!signalled_unseen(*dead, event.value)) return;
    report(fmt::format("{}, which a user started, was {}, and no user asked for it", called(*dead),
                       describe_wait_status(event.value)),
           {dead->start, event});
  }

  Intervals commands_;
  std::uint64_t asked_ = 0;  // the last sign of a stop or a destructive command
};

}  // namespace

std::unique_ptr<Invariant> make_user_managed_spared(const Bounds&) {
  return std::make_unique<UserManagedSpared>();
}

}  // namespace lockproof
