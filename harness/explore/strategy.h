// SPDX-License-Identifier: Apache-2.0
// Strategy: who goes next. It is asked, and told what came of it.
//
//  1. resume() says where the next execution leaves the one before: after so many of its choices.
//     0 is a new one from the beginning. Nothing: there is no execution left.
//     It may look ahead: take steps of its own, and leave the run anywhere behind so many of those
//     choices. An error: the subject is not deterministic, or what is known to be possible is
//     refused.
//  2. choose() gets the run where it is, and what is possible there. Nothing: the execution ends
//     here. At rest (`steps` is empty) it may still choose a fault.
//  3. took() is told after each choice; the step is the last one of the run.
#pragma once

#include <optional>

#include "explore/execution.h"

namespace lockproof {

// What is possible where a run is.
struct Possible {
  std::vector<Choice> steps;
  std::vector<Choice> faults;

  bool at_rest() const { return steps.empty(); }
};

class Strategy {
 public:
  virtual ~Strategy() = default;

  virtual Result<std::optional<std::size_t>> resume(Execution& run) = 0;
  virtual std::optional<Choice> choose(Execution& run, const Possible& possible) = 0;
  virtual void took(Execution& run) = 0;

  // What it cost besides the executions that came to their end: executions that did not, because
  // all that was possible had been explored elsewhere, and steps that were taken to look ahead.
  struct Overhead {
    std::uint64_t in_vain = 0;
    std::uint64_t looked_ahead = 0;
  };
  virtual Overhead overhead() const { return {}; }
};

}  // namespace lockproof
