// SPDX-License-Identifier: Apache-2.0
// ready_spared: an instance that is ready is never signalled unasked.
//
// Who finds it ready uses it. Asked is what a stopper or a remover does: a user ran it. Broken when
// another life than those, the harness and itself signals an instance after it has said that it is
// ready, and before it begins to give up.
#include <fmt/format.h>

#include <unordered_map>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class ReadySpared final : public LifeInvariant {
  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kReady:
        ready_.insert_or_assign(event.life, event);
        break;
      case Kind::kClaim:
      case Kind::kBusy:
      case Kind::kFailed:
      case Kind::kOwns:
      case Kind::kGivesUp:
      case Kind::kReleased:
      case Kind::kEnded:
        ready_.erase(event.life);
        break;
      case Kind::kSignal:
        judge_signal(event);
        break;
      default:
        break;
    }
  }

  void judge_signal(const Event& event) {
    const auto ready = ready_.find(event.target);
    if (ready == ready_.end() || event.life == event.target || event.life == kHarness) return;
    if (event.phase == Phase::kBegin || event.value == 0) return;
    const LiveLife* sender = lives().find(event.life);
    if (sender == nullptr || sender->start.seq == 0) return;  // its role is unknown
    if (sender->role() == role::kStopper || sender->role() == role::kRemover) return;
    report(
        fmt::format("{}, a {}, sent signal {} to life {}, which is ready since event {}",
                    called(*sender), sender->role(), event.value, event.target, ready->second.seq),
        {ready->second, event});
  }

  std::unordered_map<Life, Event> ready_;
};

}  // namespace

std::unique_ptr<Invariant> make_ready_spared(const Bounds&) {
  return std::make_unique<ReadySpared>();
}

}  // namespace lockproof
