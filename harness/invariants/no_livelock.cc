// SPDX-License-Identifier: Apache-2.0
// no_livelock: those who claim do not keep each other out for ever.
//
// Broken by what does not end, so only where the order of all steps is known. Broken when a run
// comes back to where it was (a fair `loop`), nobody owned meanwhile, and somebody claimed; and
// when all is at rest, nobody owns, and a life still claims.
#include <fmt/format.h>

#include <algorithm>

#include "invariants/claims.h"
#include "invariants/life_invariant.h"

namespace lockproof {
namespace {

class NoLivelock final : public LifeInvariant {
 private:
  void judge(const Event& event) override {
    if (event.kind == Kind::kOwns || !lives().owners().empty()) owned_ = event.seq;
    if (event.kind == Kind::kClaim) claimed_ = event;
    const bool rest = event.kind == Kind::kQuiet && event.phase == Phase::kEnd;
    if (rest && event.target == kHarness) judge_rest(event);
    if (event.kind == Kind::kLoop && event.target == kHarness) judge_loop(event);
  }

  void judge_rest(const Event& end) {
    if (!lives().owners().empty()) return;
    if (const LiveLife* waiting = claimant()) {
      report(fmt::format("all is at rest and nobody owns, but {} still claims", called(*waiting)),
             {waiting->turn, end});
    }
  }

  void judge_loop(const Event& loop) {
    const auto from = static_cast<std::uint64_t>(loop.value);
    if (owned_ > from) return;
    const LiveLife* waiting = claimant();
    if (waiting == nullptr && claimed_.seq <= from) return;
    const Event& claim = waiting != nullptr ? waiting->turn : claimed_;
    report(
        fmt::format("what happened after event {} can go on for ever, and nobody ever owns", from),
        {claim, loop});
  }

  const LiveLife* claimant() const {
    const LiveLife* first = nullptr;
    for (const auto& [life, state] : lives().all()) {
      if (state.claiming() && (first == nullptr || life < first->life)) first = &state;
    }
    return first;
  }

  std::uint64_t owned_ = 0;  // the last event at which somebody did
  Event claimed_;
};

}  // namespace

std::unique_ptr<Invariant> make_no_livelock(const Bounds&) {
  return std::make_unique<NoLivelock>();
}

}  // namespace lockproof
