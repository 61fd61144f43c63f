// SPDX-License-Identifier: Apache-2.0
// What a call of a tracee waits for, besides locks and children: descriptors from which something
// is to be read, for a time or for ever; and whether that is there.
#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "live/process.h"

namespace lockproof::live {

struct Asked {
  std::vector<pollfd> fds;
  std::int64_t timeout_ns = -1;  // less than 0: for ever
  bool reads_one = false;        // it reads the only one, and does not only ask
};

// Nothing: the call does not wait for descriptors. REQUIRES: before the call
std::optional<Asked> asked_of(const StoppedTracee& tracee, const KernelCall& call);

// Of one of them at least. A descriptor that is not open is ready: the call says so.
bool is_ready(const Process& process, const std::vector<pollfd>& fds);

}  // namespace lockproof::live
