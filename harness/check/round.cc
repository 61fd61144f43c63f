// SPDX-License-Identifier: Apache-2.0
#include "check/round.h"

namespace lockproof {
namespace {

std::uint64_t bit(unsigned actor) { return std::uint64_t{1} << actor; }

// Who goes on by this choice: the one whom a fault had stopped, if it is the end of that.
std::uint64_t goes_on(Choice choice) {
  const bool stopped = choice.actor == static_cast<std::uint8_t>(Letter::kStop);
  if (stopped && choice.alternative >= kGoOn) return bit(choice.alternative - kGoOn);
  return choice.actor < kFirstFault || choice.actor == kClockActor ? bit(choice.actor) : 0;
}

}  // namespace

void Round::before(Execution& run, std::uint64_t where) {
  where_.push_back(where);
  std::uint64_t enabled = 0;
  for (const Choice choice : run.moves().all()) enabled |= goes_on(choice);
  enabled_.push_back(enabled);
}

// The latest round that is fair, and the latest that is one process's alone: a run may have come
// back more than once.
std::vector<Event> Round::loops(const Execution& run, std::uint64_t where,
                                const std::vector<RunStep>& steps) const {
  std::vector<Event> loops;
  std::uint64_t always = ~std::uint64_t{0};
  std::uint64_t moved = 0;
  bool fair = false;
  bool lone = false;
  bool alone = true;
  for (std::size_t from = where_.size(); from-- > 0;) {
    const Step& step = run.steps()[from];
    always &= enabled_[from];
    moved |= goes_on(step.choice);
    alone = alone && step.what == Step::What::kCall && !pauses(step.call) &&
            step.process == run.steps().back().process;
    if (where_[from] != where) continue;
    Event loop;
    loop.kind = Kind::kLoop;
    loop.value = from == 0 ? 0 : static_cast<std::int64_t>(steps[from - 1].last);
    if (!fair && (always & ~moved) == 0) loops.push_back(loop);
    fair = fair || (always & ~moved) == 0;
    loop.target = Life{step.process} + 1;
    if (!lone && alone) loops.push_back(loop);
    lone = lone || alone;
  }
  return loops;
}

}  // namespace lockproof
