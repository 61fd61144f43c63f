// SPDX-License-Identifier: Apache-2.0
// probes_change_nothing: a probe changes nothing and makes nobody lose.
//
// Broken when a life completes a change between the begin and the end of a probe of its own; or
// when an attempt that ran beside a probe is told `busy` and nothing else can explain that. Nothing
// else can, when from `claim` to `busy` no other life claimed, owned or gave up, no stop and no
// destructive command was under way, no fault was placed, no owner's child lived, and the lock was
// in order: since the beginning or the last `released`, nobody died in an attempt or a command, and
// the harness did not prepare files.
#include <fmt/format.h>

#include <optional>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class ProbesChangeNothing final : public LifeInvariant {
  // The only attempt under way, while nothing but a probe could make it lose.
  struct Alone {
    Life life;
    Event claim;
    std::optional<Event> probe;
  };

  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kProbe:
        probes_.see(event);
        if (alone_ && !alone_->probe && event.life != alone_->life) alone_->probe = event;
        break;
      case Kind::kChange:
        judge_change(event);
        break;
      case Kind::kClaim:
        alone_.reset();
        if (others_can_explain(event.life)) break;
        alone_ = {event.life, event, std::nullopt};
        for (const Event& probe : probes_.open()) {
          if (probe.life != event.life && !alone_->probe) alone_->probe = probe;
        }
        break;
      case Kind::kBusy:
        judge_busy(event);
        alone_.reset();
        break;
      case Kind::kReleased:
        in_order_ = true;
        alone_.reset();
        break;
      case Kind::kStart:
        if (event.detail == role::kChild) alone_.reset();
        break;
      case Kind::kStop:
      case Kind::kDestroy:
        commands_.see(event);
        alone_.reset();
        break;
      case Kind::kEnded:
        judge_end(event);
        break;
      case Kind::kOwns:
      case Kind::kGivesUp:
      case Kind::kFailed:
      case Kind::kFault:
        alone_.reset();
        break;
      default:
        break;
    }
  }

  void judge_change(const Event& event) {
    if (event.life == kHarness) {
      in_order_ = false;
      alone_.reset();
      return;
    }
    const Event* begin = changes_.see(event);
    const Event* probe = probes_.begun(event.life, Kind::kProbe);
    if (begin == nullptr || probe == nullptr || begin->seq < probe->seq) return;
    report(fmt::format("life {} changed the {} ({}) during its probe that began at event {}",
                       event.life, name(event.object), name(static_cast<Change>(event.value)),
                       probe->seq),
           {*probe, event});
  }

  void judge_busy(const Event& event) {
    if (!alone_ || alone_->life != event.life || !alone_->probe) return;
    const LiveLife* loser = lives().find(event.life);
    report(fmt::format("{} was told busy, and {} nothing but the probe of life {} "
                       "was under way",
                       called(*loser), when(alone_->claim, event), alone_->probe->life),
           alone_->probe->seq < alone_->claim.seq
               ? std::vector<Event>{*alone_->probe, alone_->claim, event}
               : std::vector<Event>{alone_->claim, *alone_->probe, event});
  }

  void judge_end(const Event& event) {
    const LiveLife* dead = lives().find(event.life);
    const bool halfway = dead != nullptr && dead->in_play();
    const bool commanded =
        commands_.open(event.life, Kind::kStop) || commands_.open(event.life, Kind::kDestroy) ||
        changes_.open(event.life, Kind::kChange) || probes_.open(event.life, Kind::kProbe);
    if (halfway || commanded) in_order_ = false;
    alone_.reset();
    commands_.forget(event.life);
    changes_.forget(event.life);
    probes_.forget(event.life);
  }

  bool others_can_explain(Life self) const {
    if (!in_order_ || !commands_.open().empty() || lives().in_play() > 1) return true;
    for (const auto& [life, state] : lives().all()) {
      if (life != self && (state.in_play() || state.role() == role::kChild)) return true;
    }
    return false;
  }

  Intervals probes_, changes_, commands_;
  std::optional<Alone> alone_;
  bool in_order_ = true;
};

}  // namespace

std::unique_ptr<Invariant> make_probes_change_nothing(const Bounds&) {
  return std::make_unique<ProbesChangeNothing>();
}

}  // namespace lockproof
