// SPDX-License-Identifier: Apache-2.0
// MemoryKeeper: a process that shares the caller's memory and does nothing, so that the caller's
// death is known at once.
//
// The kernel sends parent-death signals, and ends a pid namespace whose init has died, only after
// the dying process has given back its memory. For that it needs locks that it shares with every
// process that was forked from it. Among hundreds of those on busy cores the wait was measured in
// seconds, and all the while they live on. While another process has the same memory, there is
// nothing to give back (docs/adr/0005-a-keeper-for-the-memory.md).
//
// Ends with its parent: by the destructor, or by SIGKILL when the parent dies. It has no
// descriptors and all signals blocked. If it cannot be made, deaths are slower, and nothing else.
// REQUIRES: the caller has one thread. A waitpid() without __WALL does not see it.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>

#include "core/fd.h"

namespace lockproof {

class MemoryKeeper {
 public:
  MemoryKeeper();
  ~MemoryKeeper();
  MemoryKeeper(const MemoryKeeper&) = delete;
  MemoryKeeper& operator=(const MemoryKeeper&) = delete;

  pid_t pid() const { return pid_; }  // -1: it could not be made

 private:
  alignas(16) std::array<std::byte, 16'384> stack_;
  pid_t pid_ = -1;
  Fd pidfd_;
};

}  // namespace lockproof
