// SPDX-License-Identifier: Apache-2.0
// parent_death_noticed: a process that depends on its parent ends soon after it.
//
// Broken when a dependant's parent has been reported dead, the clock then shows more than
// bounds.parent_ms, and the dependant still lives. Time in which the dependant is stopped does not
// count; time runs from the first tick after the report to a later one, which is never more than
// what passed. And broken when a run comes back to where it was (a fair `loop`), and all the while
// the parent was dead and the dependant lived: that can go on for ever.
#include <fmt/format.h>

#include <optional>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class ParentDeathNoticed final : public LifeInvariant {
 public:
  explicit ParentDeathNoticed(const Bounds& bounds) : bound_ms_(bounds.parent_ms) {}

 private:
  struct Watch {
    Life dependant;
    Event orphaned;  // the parent's end, or the dependant's start when that came later
    std::optional<std::int64_t> since_ms;
  };

  void judge(const Event& event) override {
    switch (event.kind) {
      case Kind::kStart:
        if (event.detail == role::kDependant && event.target != kHarness &&
            lives().find(event.target) == nullptr) {
          watches_.push_back({event.life, event, std::nullopt});
        }
        break;
      case Kind::kEnded:
        std::erase_if(watches_, [&](const Watch& watch) { return watch.dependant == event.life; });
        for (const auto& [life, state] : lives().all()) {
          if (state.role() != role::kDependant || state.start.target != event.life) continue;
          watches_.push_back({life, event, std::nullopt});
        }
        break;
      case Kind::kTick:
        if (!watches_.empty()) judge_tick(event);
        break;
      case Kind::kLoop:
        if (event.target == kHarness) judge_loop(event);
        break;
      case Kind::kFault:
        for (Watch& watch : watches_) {
          if (watch.dependant == event.target) watch.since_ms.reset();
        }
        break;
      default:
        break;
    }
  }

  void judge_loop(const Event& loop) {
    for (const Watch& watch : watches_) {
      const LiveLife* dependant = lives().find(watch.dependant);
      if (dependant == nullptr || watch.orphaned.seq > static_cast<std::uint64_t>(loop.value)) {
        continue;
      }
      report(fmt::format("what happened after event {} can go on for ever, and {} lives on after "
                         "the end of its parent, life {}",
                         loop.value, called(*dependant), dependant->start.target),
             {watch.orphaned, loop});
    }
  }

  void judge_tick(const Event& tick) {
    std::erase_if(watches_, [&](Watch& watch) {
      const LiveLife* dependant = lives().find(watch.dependant);
      if (dependant == nullptr) return true;
      if (dependant->stopped) return false;
      if (!watch.since_ms) watch.since_ms = tick.value;
      const std::int64_t passed = tick.value - *watch.since_ms;
      if (passed <= bound_ms_) return false;
      suspect(
          {watch.dependant}, tick.seq,
          fmt::format("{} still lived {} after the end of its parent, life {}", called(*dependant),
                      passed >= kForEverMs ? "for ever" : fmt::format("{} ms", passed),
                      dependant->start.target),
          watch.orphaned.seq == dependant->start.seq
              ? std::vector<Event>{watch.orphaned, tick}
              : std::vector<Event>{dependant->start, watch.orphaned, tick});
      return true;
    });
  }

  const std::int64_t bound_ms_;
  std::vector<Watch> watches_;
};

}  // namespace

std::unique_ptr<Invariant> make_parent_death_noticed(const Bounds& bounds) {
  return std::make_unique<ParentDeathNoticed>(bounds);
}

}  // namespace lockproof
