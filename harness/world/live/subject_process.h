// SPDX-License-Identifier: Apache-2.0
// What a process of a run does from its birth on: it waits until it is traced, and then runs its
// program, each call of which stops it.
//
// Code of ours runs as it is, over the real kernel. Programs that are known by their answers only
// are gone through call by call, with what the kernel answers. What a session says is a call, too,
// which the tracer answers (OwnCall).
#pragma once

#include "program/program.h"

namespace lockproof::live {

// Descriptors 0, 1 and 2 are /dev/null, and there are no others; it starts in kHome.
[[noreturn]] void live_as(Program& program, Texts& texts);
// Waits for ever.
[[noreturn]] void live_as_stranger();

}  // namespace lockproof::live
