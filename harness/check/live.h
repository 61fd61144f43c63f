// SPDX-License-Identifier: Apache-2.0
// The runs of a stage on the real kernel: each is made in the simulated kernel and with real
// processes, in step, and all that can be seen is compared (world/side_by_side.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "check/both_worlds.h"
#include "check/stage.h"
#include "core/result.h"
#include "core/verdict.h"

namespace lockproof {

// The run of these choices, and the looks at the files of the subject after each. Errors: kUsage, a
// choice that is not possible in the simulated kernel; kEnvironment, that refuses.
Result<Comparison> compare_live(Stage& stage, const std::vector<Choice>& choices);
// The same as data.
OnLinux on_linux(const Comparison& comparison);
// "confirmed on Linux: ...", "in the model only: ...", "not made on Linux: ..."
std::string sentence(const Comparison& comparison, std::size_t steps);

// Runs that are drawn at random from all that can be chosen in the simulated kernel.
struct LiveConformance {
  unsigned runs = 0;  // that were the same to the end
  std::uint64_t steps = 0;
  unsigned refused = 0;    // that a world did not know how to go on with
  std::string refusal;     // of the first of these
  std::string difference;  // the first one; it ends the comparison
};
// `steps`: where a run is cut that goes on for ever.
Result<LiveConformance> conform_live(Stage& stage, unsigned runs, std::uint64_t seed,
                                     unsigned steps = 2000);
// The same in two worlds that are there.
Result<LiveConformance> conform_live(BothWorlds& both, unsigned runs, std::uint64_t seed,
                                     unsigned steps);

}  // namespace lockproof
