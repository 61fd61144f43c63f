// SPDX-License-Identifier: Apache-2.0
// no_lock_leak: the lock dies with its owner, children or not.
//
// A quiet window names a child that survived a dead owner. Broken when the child lives through the
// window, at least bounds.wait_attempts attempts were made in it, each from `claim` to `busy` and
// none beside a probe, and nobody can have owned: nobody owned or was giving up when it began,
// nobody was told `owns` or died while claiming in it, and each claim that was under way at its end
// (which might own already) came to busy or failed afterwards. So what kept all of them out is the
// lock of the dead, held by its child.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoLockLeak final : public LifeInvariant {
 public:
  explicit NoLockLeak(const Bounds& bounds) : wanted_(bounds.wait_attempts) {}

 private:
  struct Window {
    Event begin;
    Event child;  // its start
    Event first, last;
    std::int64_t attempts = 0;
    bool closed = false;
    std::vector<Life> claiming;  // when it was closed
    std::string why;
  };

  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kProbe:
        probes_.see(event);
        last_probe_ = event.seq;
        return;
      case Kind::kQuiet:
        if (event.target != kHarness) judge_quiet(event);
        return;
      case Kind::kClaim:
        return;
      case Kind::kBusy:
        count(event);
        return resolve(event.life);
      case Kind::kFailed:
        return resolve(event.life);
      case Kind::kOwns:
      case Kind::kGivesUp:
      case Kind::kReleased:
        return spoil([&](const Window& window) { return !window.closed || waits(window, event); });
      case Kind::kFault:
        return spoil([](const Window& window) { return !window.closed; });
      case Kind::kEnded: {
        if (probes_.open(event.life, Kind::kProbe)) last_probe_ = event.seq;
        probes_.forget(event.life);
        const LiveLife* dead = lives().find(event.life);
        const bool claimed = dead != nullptr && dead->in_play();
        return spoil([&](const Window& window) {
          if (window.closed) return waits(window, event);
          return claimed || window.begin.target == event.life;
        });
      }
      default:
        return;
    }
  }

  void judge_quiet(const Event& event) {
    if (event.phase == Phase::kBegin) {
      spoil([&](const Window& window) { return window.begin.target == event.target; });
      const LiveLife* child = lives().find(event.target);
      bool owned = child == nullptr;
      for (const auto& [life, state] : lives().all()) {
        owned = owned || state.owns() || state.giving_up();
      }
      if (!owned) windows_.push_back({event, child->start, {}, {}, 0, false, {}, {}});
    } else if (event.phase == Phase::kEnd) {
      for (Window& window : windows_) {
        if (window.begin.target == event.target && !window.closed) close(window, event);
      }
      finish();
    }
  }

  void close(Window& window, const Event& end) {
    window.closed = true;
    const LiveLife* child = lives().find(window.begin.target);
    window.why = fmt::format(
        "its owner was dead, but while {} lived, {} attempts {} were told busy "
        "and nobody owned",
        child == nullptr ? fmt::format("life {}", end.target) : called(*child), window.attempts,
        when(window.begin, end));
    for (const auto& [life, state] : lives().all()) {
      if (state.claiming()) window.claiming.push_back(life);
    }
  }

  void count(const Event& busy) {
    const LiveLife* life = lives().find(busy.life);
    if (life == nullptr || !life->claiming()) return;
    const std::uint64_t claimed = life->turn.seq;
    if (!probes_.open().empty() || last_probe_ > claimed) return;
    for (Window& window : windows_) {
      if (window.closed || claimed < window.begin.seq) continue;
      if (++window.attempts == 1) window.first = busy;
      window.last = busy;
    }
  }

  void resolve(Life life) {
    for (Window& window : windows_) std::erase(window.claiming, life);
    finish();
  }

  // Reports what is certain now, and lets go of it.
  void finish() {
    std::erase_if(windows_, [&](Window& window) {
      if (!window.closed || !window.claiming.empty()) return false;
      if (window.attempts >= wanted_) {
        report(std::move(window.why), {window.child, window.first, window.last});
      }
      return true;
    });
  }

  static bool waits(const Window& window, const Event& event) {
    return std::find(window.claiming.begin(), window.claiming.end(), event.life) !=
           window.claiming.end();
  }
  template <class Where>
  void spoil(Where where) {
    std::erase_if(windows_, where);
  }

  const std::int64_t wanted_;
  std::vector<Window> windows_;
  Intervals probes_;
  std::uint64_t last_probe_ = 0;
};

}  // namespace

std::unique_ptr<Invariant> make_no_lock_leak(const Bounds& bounds) {
  return std::make_unique<NoLockLeak>(bounds);
}

}  // namespace lockproof
