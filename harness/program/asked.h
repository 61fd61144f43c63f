// SPDX-License-Identifier: Apache-2.0
// Calls of a program of somebody else's that wait for descriptors to be ready, or only for a time:
// read, poll, select, epoll in all their forms.
#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "trace/tracee.h"

namespace lockproof {

struct Asked {
  std::vector<pollfd> fds;
  std::int64_t timeout_ns = -1;  // less than 0: for ever
  bool reads_one = false;        // it reads the only one, and does not only ask
};
// Nothing: it is no such call. REQUIRES: the tracee stands before `call`, or an older form of it.
std::optional<Asked> asked_of(const StoppedTracee& tracee, const KernelCall& call);

// Descriptor 0 is among those.
bool looks_for_input(const Asked& asked);

}  // namespace lockproof
