// SPDX-License-Identifier: Apache-2.0
// Views: each process has names of its own for the pids that it met, in the order in which it met
// them, itself first. So contenders that differ by nothing but their pids ask the same calls and
// get the same answers: one tree serves all of them, and states in which they have changed places
// are one.
//
// Sound as long as programs treat a pid as a name: print it, compare it for equality, hand it back
// to the kernel. What is found to be otherwise is refused (Refusal::kPidAsNumber).
#pragma once

#include "program/call.h"
#include "sim/kernel.h"
#include "sim/naming.h"

namespace lockproof::sim {

// The pids that a process knows, less kPidBase; the i-th is called kPidBase + 1 + i by it. 0: one
// that it has forgotten, whose name the next one gets that it meets.
struct View {
  std::array<std::uint8_t, 7> pids;
  std::uint8_t count;
};

// A call as the process asks it, made one of the kernel's; false: refused.
bool outward(Call& call, const View& view, Naming& naming);

// The kernel's answer, made one of the process's, which gets to know the pids in it; false:
// refused.
bool inward(Op op, Answer& answer, View& view, Naming& naming);

// After an answer as the process has it: whom it has reaped it forgets. Else one that starts child
// after child would get to know more pids than there are names.
void forget_reaped(Op op, const Answer& answer, View& view);

}  // namespace lockproof::sim
