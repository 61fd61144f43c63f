// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "arguments.h"
#include "port/sys.h"

namespace solo::tool {

// `solo run`: claims, runs the command, gives up. Returns the exit code. Blocks as long as the
// command runs. For a process with one thread.
//
// If the process dies here: the lock is free at once, the command is killed by the kernel.
int run(port::Sys& sys, const RunArguments& arguments);

}  // namespace solo::tool
