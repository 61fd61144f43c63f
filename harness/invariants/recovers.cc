// SPDX-License-Identifier: Apache-2.0
// recovers: after any crash a later contender gets in, within the bound.
//
// A crash is the end of a life that was claiming, owning or giving up. The window opens when the
// crash was reported and nobody owns or gives up, and opens anew when a stopped life goes on or
// ends, when somebody had owned meanwhile, and at a fault that is not a signal. Broken when the
// clock shows more than bounds.recover_ms in it, at least bounds.wait_attempts attempts lie in it
// from `claim` to `busy` or `failed`, nobody was told `owns`, and each claim that was under way
// then (which might own already) came to busy or failed afterwards.
//
// Where the order of all steps is known, no clock and no crash are needed: broken also when a life
// that starts inside a quiet window of its own, with all others at rest, does not come to own in
// it, and none of its children does (of a launcher: when nobody owns at the next rest); and when
// all is at rest (a quiet window without a target), nobody owns, and a life still claims.
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>
#include <vector>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class Recovers final : public LifeInvariant {
 public:
  explicit Recovers(const Bounds& bounds)
      : bound_ms_(bounds.recover_ms), wanted_(bounds.wait_attempts) {}

 private:
  struct Window {
    std::uint64_t from;
    std::optional<std::int64_t> since_ms;
    std::int64_t attempts = 0;
    Event first, last;
  };
  // Broken, unless one of these got in before.
  struct Doubt {
    std::vector<Life> claiming;
    std::string why;
    std::vector<Event> events;
  };

  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kQuiet:
        judge_quiet(event);
        break;
      case Kind::kStart:
        if (alone_ && alone_->life == event.life) {
          alone_->launches = event.detail == role::kLauncher;
        }
        if (alone_ && alone_->has(event.target)) alone_->family.push_back(event.life);
        break;
      case Kind::kOwns:
        if (alone_ && alone_->has(event.life)) alone_.reset();
        crash_.reset();
        window_.reset();
        doubt_.reset();
        break;
      case Kind::kBusy:
      case Kind::kFailed:
        if (alone_ && alone_->life == event.life) report_alone(event, name(event.kind));
        count(event);
        resolve(event.life);
        break;
      case Kind::kGivesUp:
        window_.reset();
        break;
      case Kind::kReleased:
        open(event);
        break;
      case Kind::kEnded: {
        const LiveLife* dead = lives().find(event.life);
        if (dead == nullptr) break;
        if (alone_ && alone_->life == event.life) report_alone(event, "ended");
        if (dead->in_play()) {
          crash_ = {{dead->turn, event}};
          crashed_ = fmt::format("{} ended ({}) after {}", called(*dead),
                                 describe_wait_status(event.value), name(dead->turn.kind));
          doubt_.reset();
          open(event);
        } else if (dead->stopped) {
          open(event);
        }
        break;
      }
      case Kind::kFault:
        if (event.value == SIGSTOP) window_.reset();
        if (event.value == SIGCONT || event.value == 0) open(event);
        break;
      case Kind::kTick:
        if (crash_) judge_tick(event);
        break;
      default:
        break;
    }
  }

  // `event` is what kept it closed until now, and concerns one life alone.
  void open(const Event& event) {
    window_.reset();
    if (!crash_) return;
    const Life done = event.kind == Kind::kFault ? kHarness : event.life;
    for (const auto& [life, state] : lives().all()) {
      if (life == done) continue;
      const bool goes_on =
          event.kind == Kind::kFault && event.value == SIGCONT && life == event.target;
      if (state.owns() || state.giving_up() || (state.stopped && !goes_on)) return;
    }
    window_ = {event.seq, std::nullopt, 0, {}, {}};
  }

  void judge_quiet(const Event& event) {
    if (event.phase == Phase::kBegin) {
      const bool starts_in_it = event.target != kHarness && lives().find(event.target) == nullptr;
      if (starts_in_it) alone_ = {event.target, event, {event.target}, false};
    } else if (alone_ && alone_->life == event.target) {
      report_alone(event, "still waits");
    } else if (event.target == kHarness && event.phase == Phase::kEnd) {
      judge_rest(event);
    }
  }

  void report_alone(const Event& event, std::string_view what) {
    if (alone_->launches) return;
    const LiveLife* life = lives().find(event.life == kHarness ? event.target : event.life);
    if (life != nullptr && life->turn.seq != 0) {
      report(fmt::format("all others were at rest and nobody owned, but {} did not get in: {}",
                         called(*life), what),
             {alone_->begin, life->turn, event});
    }
    alone_.reset();
  }

  void judge_rest(const Event& end) {
    if (!lives().owners().empty()) return;
    if (alone_ && alone_->launches) {
      return report(fmt::format("all is at rest and nobody owns, though life {} was started when "
                                "all others were at rest",
                                alone_->life),
                    {alone_->begin, end});
    }
    for (const auto& [life, state] : lives().all()) {
      if (!state.claiming()) continue;
      return report(
          fmt::format("all is at rest and nobody owns, but {} still claims", called(state)),
          {state.turn, end});
    }
  }

  void count(const Event& event) {
    const LiveLife* life = lives().find(event.life);
    if (!window_ || life == nullptr || !life->claiming()) return;
    if (life->turn.seq < window_->from) return;
    if (++window_->attempts == 1) window_->first = event;
    window_->last = event;
  }

  void judge_tick(const Event& tick) {
    if (!window_ || doubt_) return;
    if (!window_->since_ms) window_->since_ms = tick.value;
    const std::int64_t passed = tick.value - *window_->since_ms;
    if (passed <= bound_ms_ || window_->attempts < wanted_) return;
    doubt_ = Doubt{{},
                   fmt::format("{}; in {} ms since, {} attempts came to nothing and nobody got "
                               "in",
                               crashed_, passed, window_->attempts),
                   {crash_->first, crash_->second, window_->first, window_->last, tick}};
    for (const auto& [life, state] : lives().all()) {
      if (state.claiming()) doubt_->claiming.push_back(life);
    }
    resolve(kHarness);
  }

  void resolve(Life life) {
    if (!doubt_) return;
    std::erase(doubt_->claiming, life);
    if (!doubt_->claiming.empty()) return;
    report(std::move(doubt_->why), std::move(doubt_->events));
    doubt_.reset();
    crash_.reset();
    window_.reset();
  }

  // Starts with all others at rest. Who descends from it gets in for it.
  struct Alone {
    bool has(Life one) const {
      return std::find(family.begin(), family.end(), one) != family.end();
    }

    Life life;
    Event begin;
    std::vector<Life> family;
    bool launches = false;  // it is there to start who owns, and may have ended by then
  };
  std::optional<Alone> alone_;
  const std::int64_t bound_ms_;
  const std::int64_t wanted_;
  std::optional<std::pair<Event, Event>> crash_;  // the last word of the dead, its end
  std::string crashed_;
  std::optional<Window> window_;
  std::optional<Doubt> doubt_;
};

}  // namespace

std::unique_ptr<Invariant> make_recovers(const Bounds& bounds) {
  return std::make_unique<Recovers>(bounds);
}

}  // namespace lockproof
