// SPDX-License-Identifier: Apache-2.0
#include "trace/memory_keeper.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace lockproof {
namespace {

// Runs in the memory of its parent, which goes on: nothing here may write to anything but its own
// stack. So there are bare system calls only, since a sanitizer keeps books in libc's functions,
// and none that fails, since that would write to errno.
__attribute__((no_sanitize("address", "undefined", "thread"))) int keep(void* parent) {
  ::syscall(SYS_close_range, 0, ~0u, 0);
  ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  // It may have died before that.
  if (::syscall(SYS_getppid) != *static_cast<const pid_t*>(parent)) return 0;
  for (;;) ::syscall(SYS_ppoll, nullptr, 0, nullptr, nullptr, 0);
}

}  // namespace

MemoryKeeper::MemoryKeeper() {
#if defined(__SANITIZE_THREAD__)
  // The sanitizer's own locks lie in that memory, and a process that it does not know would keep
  // one: a run under it dies without a keeper, later.
  return;
#endif
  static pid_t parent;  // outlives this frame, as the keeper reads it later
  parent = ::getpid();
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  pid_ = ::clone(keep, stack_.data() + stack_.size(), CLONE_VM | CLONE_PIDFD, &parent, &pidfd);
  pidfd_ = Fd(pidfd);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

MemoryKeeper::~MemoryKeeper() {
  if (pid_ <= 1) return;
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  ::waitpid(pid_, nullptr, __WALL);
}

}  // namespace lockproof
