// SPDX-License-Identifier: Apache-2.0
// Round: whether a run that is made step by step has come back to where it was, so that what it did
// since can go on for ever.
#pragma once

#include <cstdint>
#include <vector>

#include "core/verdict.h"
#include "explore/execution.h"

namespace lockproof {

class Round {
 public:
  // Before each step; `where` is the same when all is where it was.
  void before(Execution& run, std::uint64_t where);

  // At the end of the run, whose steps are `steps`: the `loop` events (docs/HISTORY.md) that its
  // last steps are, without seq. None: it has not come back, or only because somebody was kept from
  // a step.
  std::vector<Event> loops(const Execution& run, std::uint64_t where,
                           const std::vector<RunStep>& steps) const;

 private:
  std::vector<std::uint64_t> where_;
  std::vector<std::uint64_t> enabled_;  // by actor, a bit each
};

}  // namespace lockproof
