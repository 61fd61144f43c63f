// SPDX-License-Identifier: Apache-2.0
// The command that `solo run` runs, as a child process.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include "port/sys.h"
#include "solo/result.h"

namespace solo::tool {

// Forks and executes `command`. The child gets the signal mask `mask`, and SIGKILL when its parent
// dies: the thread that calls this must live as long as the child should. When the command cannot
// be executed the child says so on stderr and ends with 126 or 127, as in a shell.
//
// If this process dies here: the child ends too, also when it has not armed that signal yet.
// `output`, if any, becomes its standard output.
Result<pid_t> start(port::Sys& sys, const std::vector<std::string>& command, const sigset_t& mask,
                    int output = -1);

}  // namespace solo::tool
