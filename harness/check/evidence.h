// SPDX-License-Identifier: Apache-2.0
// Evidence: a run made once more, step by step, in the simulated kernel itself or with real
// processes, and what the invariants say of it. What `check` reports and what `replay` shows is the
// same evidence.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/stage.h"
#include "core/verdict.h"
#include "explore/execution.h"
#include "live/live_world.h"
#include "sim/sim_world.h"

namespace lockproof {

// A world with the cast of a stage, which outlives it.
class Theatre {
 public:
  // `texts`: calls are written out, for people. kLive: real processes; else the simulated kernel.
  Theatre(Stage& stage, std::vector<std::string> invariants, const Bounds& bounds, bool texts,
          InWorld world = InWorld::kSim);
  Theatre(const Theatre&) = delete;
  Theatre& operator=(const Theatre&) = delete;

  const Problem& problem() const { return problem_; }
  // Somebody looked at how far others are in dying.
  bool deaths_are_seen() const {
    return live_ ? live_->deaths_are_seen() : sim_->deaths_are_seen();
  }
  // The same whenever all is where it was. Real processes are never known to be.
  std::uint64_t where() const { return live_ ? ++last_ : sim_->where(); }

 private:
  std::unique_ptr<sim::SimWorld> sim_;  // one of these two
  std::unique_ptr<live::LiveWorld> live_;
  mutable std::uint64_t last_ = 0;
  const std::vector<std::string> invariants_;
  Outside outside_;
  const Problem problem_;
};

struct Evidence {
  std::vector<Finding> findings;  // in the order of the invariants
  std::vector<Event> events;
  std::vector<RunStep> steps;
  std::uint64_t pair = 0;              // of the first finding, as in RunResult
  std::vector<std::string> swapped{};  // likewise
};

// `at_rest`: whether the run has come to its end there; nothing: as it is. Errors: kUsage, a choice
// that is not possible, named by its number.
Result<Evidence> evidence(Stage& stage, const std::vector<std::string>& invariants,
                          const Bounds& bounds, const std::vector<Choice>& choices,
                          std::optional<bool> at_rest = {}, InWorld world = InWorld::kSim);

}  // namespace lockproof
