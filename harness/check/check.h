// SPDX-License-Identifier: Apache-2.0
// check: a scenario judged by exploring its runs within its bounds.
//
// A strategy says what it found (judge.h). A run that breaks an invariant is run again, step by
// step, and given to the invariant itself: only what both say is a finding. A scenario's mutants
// are explored the same way, each with the invariant that must catch it: where one gets away, the
// scenario has not shown that it would notice anything, and does not hold.
#pragma once

#include "check/judge.h"
#include "check/shared_searches.h"
#include "core/verdict.h"

namespace lockproof {

// `shared`, if any, was told of the scenario; its searches are shared with other scenarios. (A
// mutant is searched by itself.)
//
// Never fails: what goes wrong is an inconclusive result with its reason, but for an Error of
// kUsage (the scenario cannot be explored, there is no such strategy) and kInternal (strategy and
// invariant disagree).
Result<RunResult> check(const Scenario& scenario, const CheckOptions& options,
                        SharedSearches* shared = nullptr);

// The run of a schedule, step by step. In kLive it is made with real processes, too, and shows
// nothing unless they did the same. Errors: kUsage, a choice that is not possible there.
Result<RunResult> replay(const Scenario& scenario, const Schedule& schedule,
                         const StageOptions& options, InWorld world = InWorld::kSim);

}  // namespace lockproof
