// SPDX-License-Identifier: Apache-2.0
// What a process of a run does that is told to become a program of somebody else: it executes it.
#pragma once

#include "program/command.h"

namespace lockproof::live {

// There is no input, and its end is seen at once. Addresses are the same in every run, and hash
// seeds, as far as programs can be told.
[[noreturn]] void live_as_program(const Command& command);

}  // namespace lockproof::live
