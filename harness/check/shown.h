// SPDX-License-Identifier: Apache-2.0
// How a result shows a run: judged again in its world, with its evidence, and with the line that
// replays it.
#pragma once

#include <string>
#include <vector>

#include "check/evidence.h"
#include "check/judge.h"
#include "check/stage.h"
#include "core/verdict.h"

namespace lockproof {

// The rules that give the choices of a schedule their meaning: its version.
inline constexpr int kDeathsPass = 1;   // steps of a death that nobody notices are no choices
inline constexpr int kDeathsCount = 2;  // all are: somebody looks at how others die

// Of the scenario, with nothing found yet.
RunResult result_of(const Scenario& scenario, std::string strategy);

std::string replay_line(Stage& stage, const RunResult& result, const std::vector<Choice>& choices);

// What a run shows, in the words of its evidence.
void show(Evidence evidence, const std::vector<Choice>& choices, Stage& stage, RunResult& result);

// The run again, in the world itself, judged by the invariant that it is said to break. Errors:
// kInternal, the two disagree.
Result<Evidence> confirm(Stage& stage, const Broken& broken, const Bounds& bounds, InWorld world);

}  // namespace lockproof
