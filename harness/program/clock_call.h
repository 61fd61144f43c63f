// SPDX-License-Identifier: Apache-2.0
// Calls of a program of somebody else's that ask for the time: clock_gettime, gettimeofday, time.
#pragma once

#include <cstdint>
#include <optional>

#include "trace/tracee.h"

namespace lockproof {

bool asks_for_time(const KernelCall& call);
// CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME, whichever of them the call means; nothing: one
// of the processor time that somebody has used. REQUIRES of these two: asks_for_time()
std::optional<int> clock_of(const KernelCall& call);
// Where the call wants it, if it does. False: it has no such memory.
bool put_time(const StoppedTracee& tracee, const KernelCall& call, std::int64_t told_ns);
// What the call returns.
std::int64_t result_of_time(const KernelCall& call, std::int64_t told_ns);

// What a program is told when a world's clock, which begins at the boot, is at `ns`.
std::int64_t told_by(int clock, std::int64_t ns);

}  // namespace lockproof
