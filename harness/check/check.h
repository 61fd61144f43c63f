// SPDX-License-Identifier: Apache-2.0
// check: a scenario judged by searching every run within its bounds.
//
// The claims are searched over the simulated kernel. A run that breaks one is run again, step by
// step, and given to the invariant itself: only what both say is a finding. A scenario's mutants
// are searched the same way, each with the invariant that must catch it: where one gets away, the
// scenario has not shown that it would notice anything, and does not hold.
#pragma once

#include <functional>

#include "check/stage.h"
#include "core/verdict.h"
#include "explore/search.h"

namespace lockproof {

struct CheckOptions {
  StageOptions stage;
  SearchLimits limits;
  bool mutants = true;
  // About ten times a second; false ends the check.
  std::function<bool(const SearchProgress&)> watch;
};

// Never fails: what goes wrong is an inconclusive result with its reason, but for an Error of
// kUsage (the scenario cannot be searched) and kInternal (search and invariant disagree).
Result<RunResult> check(const Scenario& scenario, const CheckOptions& options);

// The run of a schedule, step by step. Errors: kUsage, a choice that is not possible there.
Result<RunResult> replay(const Scenario& scenario, const Schedule& schedule,
                         const StageOptions& options);

}  // namespace lockproof
