// SPDX-License-Identifier: Apache-2.0
// one_survivor: a burst of starts ends with exactly one live instance, and it is the recorded one.
//
// Judged at rest (rest.h). Broken when two instances live through the rest; when since the last
// rest something was started, nothing was stopped, signalled or failed, and no instance lives; or
// when the only one lives through it and the record does not name it. What losers do is a policy:
// an instance that was told busy is no survivor, whether it exits or stays.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"
#include "invariants/rest.h"

namespace lockproof {
namespace {

class OneSurvivor final : public LifeInvariant {
  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kStart:
        if (event.detail == role::kLauncher || event.detail == role::kInstance) started_ = event;
        break;
      case Kind::kSignal:
        ended_on_purpose_ = ended_on_purpose_ || event.value != 0;
        break;
      case Kind::kStop:
      case Kind::kDestroy:
      case Kind::kFault:
      case Kind::kFailed:
      case Kind::kGivesUp:
        ended_on_purpose_ = true;
        break;
      default:
        break;
    }
    if (!rest_.ends(event, lives())) return;
    judge_rest(event);
    started_ = {};
    ended_on_purpose_ = false;
  }

  void judge_rest(const Event& end) {
    std::vector<const LiveLife*> alive;
    for (const auto& [life, state] : lives().all()) {
      if (rest_.counts(state)) alive.push_back(&state);
    }
    std::sort(alive.begin(), alive.end(),
              [](const LiveLife* a, const LiveLife* b) { return a->life < b->life; });
    if (alive.empty()) {
      if (started_.seq == 0 || ended_on_purpose_) return;
      report(fmt::format("after a burst of starts no instance lived {}", when(rest_.begin(), end)),
             {started_, end});
    } else if (alive.size() == 1) {
      judge_record(*alive[0], end);
    }
    for (std::size_t i = 0; i < alive.size(); ++i) {
      for (std::size_t j = i + 1; j < alive.size(); ++j) {
        std::vector<Event> events = {alive[i]->start, alive[j]->start, end};
        std::sort(events.begin(), events.end(),
                  [](const Event& a, const Event& b) { return a.seq < b.seq; });
        suspect({alive[i]->life, alive[j]->life}, end.seq,
                fmt::format("{} and {} both lived on, at rest {}", called(*alive[i]),
                            called(*alive[j]), when(rest_.begin(), end)),
                std::move(events));
      }
    }
  }

  void judge_record(const LiveLife& survivor, const Event& end) {
    const auto& record = rest_.record();
    if (!record || survivor.pid() == 0) return;
    if (record->value == seen::kUnknown || record->value == survivor.pid()) return;
    suspect({survivor.life}, end.seq,
            fmt::format("{} is the only live instance, but the record {} at event {}",
                        called(survivor), describe_seen(record->value), record->seq),
            {survivor.start, *record, end});
  }

  Rest rest_;
  Event started_;                  // the last start since the last rest
  bool ended_on_purpose_ = false;  // since the last rest, so that none may be left
};

}  // namespace

std::unique_ptr<Invariant> make_one_survivor(const Bounds&) {
  return std::make_unique<OneSurvivor>();
}

}  // namespace lockproof
