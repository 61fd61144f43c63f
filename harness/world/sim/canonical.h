// SPDX-License-Identifier: Apache-2.0
// Situations, and their canonical form: of all situations that differ only in how things are
// numbered, one.
//
// What is renamed: open files by their first use; names into one order; what a dead process no
// longer needs is forgotten; the time, as long as no process has looked at a clock. With symbolic
// pids also these: a process in slot s is pid s + 1, whoever is dead but still mentioned somewhere
// follows, and a pid that nobody mentions is new again. Inodes keep their places: a program may
// compare their numbers, and a number that comes free is given again (kernel.h, 5).
#pragma once

#include "sim/remembered.h"
#include "sim/views.h"

namespace lockproof::sim {

enum class Pids : std::uint8_t { kConcrete, kSymbolic };

struct Situation {
  Kernel kernel;
  std::array<View, kProcesses> views;  // empty with concrete pids
  Remembered remembered;
};
static_assert(std::is_trivially_copyable_v<Situation>);

using Order = std::array<std::uint8_t, kProcesses>;  // new slot -> old slot
inline constexpr Order kSameOrder = {0, 1, 2, 3, 4, 5, 6, 7};

// The process in slot order[i] goes to slot i, and the situation becomes canonical. False: it
// cannot be written down (more pids mentioned than there are numbers, a table that is full).
bool canonicalize(Situation& situation, const Order& order, Pids pids, Tables& tables,
                  Naming& naming);

// Open files in the order in which processes have them; those that nobody has are gone.
void order_open_files(Kernel& kernel);

}  // namespace lockproof::sim
