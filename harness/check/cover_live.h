// SPDX-License-Identifier: Apache-2.0
// What a search has seen, asked of real processes: each question of its steps at least once, in
// step with the simulated kernel (both_worlds.h).
//
// A step asks two (Space::questions): the kernel, what a call or a fault does, with all that this
// can depend on; and the program, what it makes of the answer. What else is in a state counts for
// neither of them.
// So where each answer was the same, what the search says of all runs is said of Linux: any other
// run is made of the same answers (docs/adr/0022-*, 0025-*). In each state that a run comes to it
// is compared, too, what can be chosen.
//
// A state of a search stands for all that differ from it by names only (pids, and which of two
// equal contenders is which, where the search says so); its steps are made in one of these namings.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "check/judge.h"
#include "check/stage.h"
#include "core/result.h"

namespace lockproof {

struct LiveCover {
  std::uint64_t states = 0;
  std::uint64_t steps = 0;      // of the graph
  std::uint64_t questions = 0;  // that they ask (Space::questions)
  std::uint64_t asked = 0;      // of these, by real processes
  std::uint64_t runs = 0;
  std::uint64_t transitions = 0;  // of all runs: most begin with what others made
  double seconds = 0;
  // Why not all are made: one sentence, and the run that ended there. All empty: all are.
  std::string difference;  // the model and Linux are not the same
  std::string refusal;     // one of them does not know how to go on
  Reason stopped;          // by a limit
  std::vector<Choice> choices;
};

// `depth`: of states whose steps are made; Cover::kAnyDepth: all. Of the options: the limit of
// seconds, and who watches. Errors: as Program::next().
Result<LiveCover> cover_live(Stage& stage, sim::Pids pids, unsigned depth,
                             const CheckOptions& options);

}  // namespace lockproof
