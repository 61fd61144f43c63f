// SPDX-License-Identifier: Apache-2.0
// Evidence: a run made once more in the simulated kernel itself, step by step, and what the
// invariants say of it. What `check` reports and what `replay` shows is the same evidence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/stage.h"
#include "core/verdict.h"
#include "explore/execution.h"
#include "sim/sim_world.h"

namespace lockproof {

// The simulated kernel with the cast of a stage, which outlives it.
class Theatre {
 public:
  // `texts`: calls are written out, for people.
  Theatre(Stage& stage, std::vector<std::string> invariants, const Bounds& bounds, bool texts);
  Theatre(const Theatre&) = delete;
  Theatre& operator=(const Theatre&) = delete;

  const Problem& problem() const { return problem_; }
  // Somebody looked at how far others are in dying.
  bool deaths_are_seen() const { return world_.deaths_are_seen(); }
  std::uint64_t where() const { return world_.where(); }

 private:
  sim::SimWorld world_;
  const std::vector<std::string> invariants_;
  Outside outside_;
  const Problem problem_;
};

struct Evidence {
  std::vector<Finding> findings;  // in the order of the invariants
  std::vector<Event> events;
  std::vector<RunStep> steps;
  std::uint64_t pair = 0;  // of the first finding, as in RunResult
};

// `at_rest`: whether the run has come to its end there; nothing: as it is. Errors: kUsage, a choice
// that is not possible, named by its number.
Result<Evidence> evidence(Stage& stage, const std::vector<std::string>& invariants,
                          const Bounds& bounds, const std::vector<Choice>& choices,
                          std::optional<bool> at_rest = {});

}  // namespace lockproof
