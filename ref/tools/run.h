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

// `solo guard`: the same for a command that may run only while nobody owns. It is no instance: it
// never gets ready, and `solo rm` does not take its lock from it.
int guard(port::Sys& sys, const RunArguments& arguments);

}  // namespace solo::tool
