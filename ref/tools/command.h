// SPDX-License-Identifier: Apache-2.0
// The verbs that act on an instance from outside. Each returns the exit code, and says on stdout
// what it has done.
#pragma once

#include "arguments.h"
#include "port/sys.h"

namespace solo::tool {

// Blocks until the exit of the instance was seen (solo/control.h).
int stop(port::Sys& sys, const StopArguments& arguments);

// Blocks until the instance has given up (solo/control.h).
int rm(port::Sys& sys, const RmArguments& arguments);

// Blocks until an instance is ready (solo/launch.h). The one that it starts is `solo run` in a
// session of its own, without a terminal; its output goes nowhere.
int ensure(port::Sys& sys, const EnsureArguments& arguments);

}  // namespace solo::tool
