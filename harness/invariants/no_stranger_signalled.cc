// SPDX-License-Identifier: Apache-2.0
// no_stranger_signalled: a process that has nothing to do with it is never signalled.
//
// Broken when anyone but the harness signals a bystander (signal 0 asks and does not signal), or
// when a bystander dies by a signal that is sent to end processes and the harness sent none: nobody
// else knows it, so only a subject that took its pid for somebody's can have done that.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/deaths.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoStrangerSignalled final : public LifeInvariant {
  void judge(const Event& event) override {
    if (event.kind == Kind::kSignal) {
      const LiveLife* target = lives().find(event.target);
      if (target == nullptr || target->role() != role::kBystander) return;
      if (event.phase == Phase::kBegin || event.value == 0) return;
      if (event.life == kHarness || event.life == event.target) return;
      report(fmt::format("life {} sent signal {} to {}, a bystander", event.life, event.value,
                         called(*target)),
             {target->start, event});
    } else if (event.kind == Kind::kEnded) {
      const LiveLife* dead = lives().find(event.life);
      if (dead == nullptr || dead->role() != role::kBystander) return;
      if (!signalled_unseen(*dead, event.value)) return;
      report(fmt::format("{}, a bystander, was {}, and the harness sent it no such signal",
                         called(*dead), describe_wait_status(event.value)),
             {dead->start, event});
    }
  }
};

}  // namespace

std::unique_ptr<Invariant> make_no_stranger_signalled(const Bounds&) {
  return std::make_unique<NoStrangerSignalled>();
}

}  // namespace lockproof
