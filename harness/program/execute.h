// SPDX-License-Identifier: Apache-2.0
// A process becomes a program of somebody else.
#pragma once

#include "program/command.h"

namespace lockproof {

// Addresses are the same in every run, and hash seeds, as far as programs can be told; no core is
// dumped. Where it cannot be executed, its tracer is told why (OwnCall::kLost). REQUIRES: a tracee.
[[noreturn]] void execute(const Command& command);

}  // namespace lockproof
