// SPDX-License-Identifier: Apache-2.0
// stop_respected: nothing starts by itself while a stop is under way.
//
// A stop is under way from its begin (logged when it has been announced) until its end or until the
// stopper begins to withdraw its announcement. Broken when an automatic start that did start
// something lies inside that, from its begin to its end. One that began before the stop may have
// decided before it, and is not judged. A stopper that died stops nothing any more.
#include <fmt/format.h>

#include "invariants/claims.h"
#include "invariants/intervals.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class StopRespected final : public LifeInvariant {
  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kStop:
        if (event.phase == Phase::kBegin) stops_.push_back(event);
        if (event.phase == Phase::kEnd) forget(event.life);
        break;
      case Kind::kChange:
        if (event.object == Object::kIntent && withdraws(event)) forget(event.life);
        break;
      case Kind::kEnded:
        forget(event.life);
        starts_.forget(event.life);
        break;
      case Kind::kAutoStart:
        judge_start(event);
        break;
      default:
        break;
    }
  }

  void judge_start(const Event& event) {
    const Event* begin = starts_.see(event);
    if (begin == nullptr || event.value != 1) return;
    for (const Event& stop : stops_) {
      const LiveLife* stopper = lives().find(stop.life);
      if (stop.seq > begin->seq || stop.life == event.life) continue;
      if (stopper == nullptr || killed(*stopper)) continue;
      suspect({stop.life}, event.seq,
              fmt::format("life {} started an instance by itself, {}, while the "
                          "stop of {} was under way since event {}",
                          event.life, when(*begin, event), called(*stopper), stop.seq),
              {stop, event});
    }
  }

  static bool withdraws(const Event& event) {
    return event.value == static_cast<std::int64_t>(Change::kUnlink) ||
           event.value == static_cast<std::int64_t>(Change::kTruncate);
  }

  void forget(Life stopper) {
    std::erase_if(stops_, [&](const Event& stop) { return stop.life == stopper; });
  }

  Intervals starts_;
  std::vector<Event> stops_;  // begins of those under way
};

}  // namespace

std::unique_ptr<Invariant> make_stop_respected(const Bounds&) {
  return std::make_unique<StopRespected>();
}

}  // namespace lockproof
