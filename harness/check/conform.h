// SPDX-License-Identifier: Apache-2.0
// conform: does a space say the same as the world that it abbreviates?
//
// A search trusts what it renames: pids, places of contenders, the dead. Here random runs are made
// in the simulated kernel itself, with nothing renamed, and in the space beside it. After each
// choice both must offer the same choices, and say the same about who owns, who the record names,
// and the lock. A program that treats pids as more than names is found out here, and then searched
// with its pids as they are.
#pragma once

#include <cstdint>
#include <string>

#include "check/stage.h"
#include "core/result.h"
#include "explore/births.h"
#include "sim/sim_world.h"

namespace lockproof {

struct Conformance {
  unsigned runs = 0;
  std::uint64_t steps = 0;
  std::string difference;  // the first one, in one sentence; "": none
};

// Errors: as Program::next(). The same arguments give the same runs.
Result<Conformance> conform(Stage& stage, sim::SimSpace& space, unsigned runs, std::uint64_t seed);

// The same of one place of a run: `here` is what can be chosen in the world, `successors` what the
// space says of it. What the world refuses when it is tried is taken from `here`: it leads nowhere
// in the search, which says so by itself. A difference in words: "one can choose ..."; "": none.
std::string compare_choices(std::vector<Choice>& here, const std::vector<Successor>& successors,
                            const Births& births, sim::SimWorld& world);

}  // namespace lockproof
