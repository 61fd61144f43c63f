// SPDX-License-Identifier: Apache-2.0
// A scenario's mutants, each searched with the invariant that must catch it.
#pragma once

#include "check/judge.h"
#include "core/verdict.h"
#include "subject/scenario.h"

namespace lockproof {

// Noted in `result`, which does not hold if one of them gets away.
void check_mutants(const Scenario& scenario, const CheckOptions& options, RunResult& result);

}  // namespace lockproof
