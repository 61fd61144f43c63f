// SPDX-License-Identifier: Apache-2.0
// The process with which learning a program begins.
#pragma once

#include <sys/types.h>

#include "core/result.h"
#include "program/command.h"

namespace lockproof {

// A child of the caller, in namespaces of its own, that waits to be traced (OwnCall::kReady) and
// then executes the command. `command.directory` is an empty tmpfs there, and it stays in
// the folder of the caller; the rest of the host is read-only. Addresses and seeds are the same
// each time. What fails on the way is said by OwnCall::kLost. It dies with the caller. Error:
// kEnvironment, no process.
Result<pid_t> start_first_process(const Command& command);

// Of the file system that `command.directory` is on there; 0: it is not there.
dev_t device_of_ground(pid_t pid, const Command& command);

}  // namespace lockproof
