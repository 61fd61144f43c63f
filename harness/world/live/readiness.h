// SPDX-License-Identifier: Apache-2.0
// Whether what a tracee waits for (program/asked.h) is there.
#pragma once

#include "live/process.h"
#include "program/asked.h"

namespace lockproof::live {

// Of one of them at least. A descriptor that is not open is ready: the call says so.
bool is_ready(const Process& process, const std::vector<pollfd>& fds);

}  // namespace lockproof::live
