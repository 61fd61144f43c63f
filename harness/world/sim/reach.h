// SPDX-License-Identifier: Apache-2.0
// Reach: the part of a kernel that one step can depend on or change.
//
// Where another process is in its code, and what it has open, is nobody else's business but for
// what it locks, listens at or keeps alive; who else lives makes no difference to a call about
// files. So two steps whose parts are the same ask one question of Linux (docs/adr/0025-*). An op
// that is not known to be so reaches everything. Tests hold the model to it (answers.h).
#pragma once

#include <cstdint>

#include "sim/kernel.h"

namespace lockproof::sim {

// What there is besides the process itself and what it has open. In reach of all: the clocks, the
// numbers of pids; with any of the first three: which inodes there are.
using Reach = std::uint8_t;
inline constexpr Reach kReachTree = 1;       // names and contents
inline constexpr Reach kReachHeld = 2;       // by others: locks, ports, files without a name
inline constexpr Reach kReachOpen = 4;       // by others: any file
inline constexpr Reach kReachProcesses = 8;  // the others, and their descriptors of processes
inline constexpr Reach kReachAll = 0xff;

// REQUIRES of all: slot < kProcesses
Reach reach_of(const Kernel& kernel, const Tables& tables, std::uint8_t slot, const Call& call);
// Of the next step of its death.
Reach reach_of_death(const Kernel& kernel, std::uint8_t slot);

// The kernel without what is out of reach of the process in `slot`: as it would be if that were not
// there. Not to be asked anything: it is there to be compared.
Kernel within(const Kernel& kernel, std::uint8_t slot, Reach reach);

}  // namespace lockproof::sim
