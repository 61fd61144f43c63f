// SPDX-License-Identifier: Apache-2.0
// ForkGuard: no forked child keeps the lock.
//
// A lock on an open file lives as long as any copy of the descriptor. O_CLOEXEC takes it from
// programs that are started, but a child that is forked and never calls exec has a copy, and would
// hold the lock after its parent's death. While a ForkGuard is there, every child made by fork()
// closes its copy before fork() returns in it. By close, never by unlock: an unlock there would
// take the lock from the parent.
//
// This is libc (pthread_atfork), outside the port, and the one process-wide state in the library;
// so it is no part of claim(). vfork, clone and posix_spawn do not run it: they are meant to be
// followed by exec, where O_CLOEXEC does the work. A child made by a raw clone that never execs
// keeps the lock.
//
//   ClaimResult claimed = claim(...);
//   Result<ForkGuard> guard = ForkGuard::watch(lock.fd());
//
// The child looks at what the number means there (device and inode) before it closes it, so a guard
// may outlive its lock: it never closes a stranger that got the number.
#pragma once

#include <cstddef>

#include "solo/result.h"

namespace solo {

class ForkGuard {
 public:
  static constexpr std::size_t kMaxWatched = 16;  // at once, in one process

  // Errors: `fd` is not open; kMaxWatched are watched already; libc has no memory for the handler.
  // Thread-safe.
  static Result<ForkGuard> watch(int fd);

  ForkGuard(ForkGuard&& other) noexcept;
  ForkGuard& operator=(ForkGuard&&) = delete;
  // Ends the watch. In a forked child it does nothing: there the watch has ended already.
  ~ForkGuard();

 private:
  ForkGuard(std::size_t slot, int process) : slot_(slot), process_(process) {}

  std::size_t slot_;
  int process_;  // pid of the process that watches; 0 after a move
};

}  // namespace solo
