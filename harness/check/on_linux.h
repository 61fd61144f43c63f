// SPDX-License-Identifier: Apache-2.0
// What real processes say of what was found: of a run, of a mutant's, of each step of a search, of
// random runs of a program that was learned.
#pragma once

#include <string>
#include <vector>

#include "check/both_worlds.h"
#include "check/judge.h"
#include "check/stage.h"
#include "core/verdict.h"

namespace lockproof {

// Real processes have no states that a search could keep. The simulated kernel is searched, and all
// that was seen is made with real processes.
inline bool is_covered_live(const CheckOptions& options) {
  return options.world == InWorld::kLive && options.strategy == kSearch;
}
// Where the run that a strategy found is made again to be judged.
inline InWorld judged_in(const CheckOptions& options) {
  return is_covered_live(options) ? InWorld::kSim : options.world;
}

// The run that is shown; noted in the result. Errors: kInternal.
Result<Comparison::Outcome> make_on_linux(Stage& stage, const std::vector<Choice>& choices,
                                          RunResult& result);

// The same of a mutant's run, of which only what is wrong is worth a word.
void make_mutant_on_linux(Stage& stage, const std::vector<Choice>& choices, MutantResult& mutant,
                          std::vector<std::string>& notes);

// Random runs of a learned program, made with real processes, too. `why`: what speaks against
// the model.
Comparison compare_with_linux(Stage& stage, std::vector<std::string>& notes);

// Each step of the states that are nearer than `depth` (check/cover_live.h), counted in the result.
// Why that does not show that Linux does the same; "": it does.
Result<Reason> cover(Stage& stage, const Judged& judged, unsigned depth,
                     const CheckOptions& options, RunResult& result);

// Of a run that breaks something, which Linux made so. It is one of Linux if real processes made
// it, and a shortest one if they made all that is shorter. REQUIRES: judged.broken
Result<RunResult> cover_up_to(Comparison::Outcome made, Stage& stage, const Judged& judged,
                              const CheckOptions& options, RunResult result);

}  // namespace lockproof
