// SPDX-License-Identifier: Apache-2.0
#include "program/newer_form.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <csignal>

namespace lockproof {
namespace {

constexpr auto kCwd = static_cast<std::uint64_t>(static_cast<std::int64_t>(AT_FDCWD));

using Arguments = std::array<std::uint64_t, 6>;

// What had no directory.
KernelCall of_names(long number, const Arguments& a) {
  switch (number) {
    case SYS_creat:
      return {SYS_openat, {kCwd, a[0], O_CREAT | O_WRONLY | O_TRUNC, a[1]}};
    case SYS_stat:
      return {SYS_newfstatat, {kCwd, a[0], a[1], 0}};
    case SYS_lstat:
      return {SYS_newfstatat, {kCwd, a[0], a[1], AT_SYMLINK_NOFOLLOW}};
    case SYS_access:
      return {SYS_faccessat, {kCwd, a[0], a[1]}};
    case SYS_unlink:
      return {SYS_unlinkat, {kCwd, a[0], 0}};
    case SYS_rmdir:
      return {SYS_unlinkat, {kCwd, a[0], AT_REMOVEDIR}};
    case SYS_mkdir:
      return {SYS_mkdirat, {kCwd, a[0], a[1]}};
    case SYS_rename:
      return {SYS_renameat, {kCwd, a[0], kCwd, a[1]}};
    case SYS_link:
      return {SYS_linkat, {kCwd, a[0], kCwd, a[1], 0}};
    case SYS_symlink:
      return {SYS_symlinkat, {a[0], kCwd, a[1]}};
    case SYS_utime:
    case SYS_utimes:
      // To other times than now: in another form.
      return a[1] == 0 ? KernelCall{SYS_utimensat, {kCwd, a[0], 0, 0}} : KernelCall{number, a};
    case SYS_readlink:
      return {SYS_readlinkat, {kCwd, a[0], a[1], a[2]}};
    default:
      return {number, a};
  }
}

KernelCall of_descriptors(long number, const Arguments& a) {
  switch (number) {
    case SYS_dup:
      return {SYS_fcntl, {a[0], F_DUPFD, 0}};
    case SYS_dup2:
      // Of a number to itself it does nothing, where dup3 fails.
      return a[0] == a[1] ? KernelCall{number, a} : KernelCall{SYS_dup3, {a[0], a[1], 0}};
    case SYS_fdatasync:
      return {SYS_fsync, {a[0]}};
    case SYS_ioctl:
      if (a[1] == FIOCLEX) return {SYS_fcntl, {a[0], F_SETFD, FD_CLOEXEC}};
      if (a[1] == FIONCLEX) return {SYS_fcntl, {a[0], F_SETFD, 0}};
      return {number, a};
    default:
      return {number, a};
  }
}

KernelCall of_processes(long number, const Arguments& a) {
  switch (number) {
    case SYS_vfork:
      return {SYS_fork, {}};
    case SYS_clone: {
      constexpr std::uint64_t kUntilExec = CLONE_VM | CLONE_VFORK;
      if ((a[0] & kUntilExec) != kUntilExec) return {number, a};
      return {number, {a[0] & ~kUntilExec, a[1], a[2], a[3], a[4], a[5]}};
    }
    case SYS_exit:
      return {SYS_exit_group, {a[0]}};
    case SYS_wait4:
      // Nobody is seen to be stopped, or to go on.
      return {number, {a[0], a[1], a[2] & ~std::uint64_t{WUNTRACED | WCONTINUED}, a[3]}};
    case SYS_tgkill:
      return a[0] == a[1] ? KernelCall{SYS_kill, {a[0], a[2]}} : KernelCall{number, a};
    case SYS_tkill:
      return {SYS_kill, {a[0], a[1]}};
    case SYS_nanosleep:
      return {SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, a[0], a[1]}};
    case SYS_renameat2:
      return a[4] == 0 ? KernelCall{SYS_renameat, {a[0], a[1], a[2], a[3]}} : KernelCall{number, a};
    default:
      return {number, a};
  }
}

}  // namespace

KernelCall newer_form(const KernelCall& call) {
  const KernelCall named = of_names(call.number, call.arguments);
  const KernelCall opened = of_descriptors(named.number, named.arguments);
  return of_processes(opened.number, opened.arguments);
}

bool is_vfork(const KernelCall& call) {
  if (call.number == SYS_vfork) return true;
  return call.number == SYS_clone && (call.arguments[0] & CLONE_VFORK) != 0;
}

bool makes_no_plain_child(const KernelCall& call) {
  constexpr std::uint64_t kOther = CLONE_PARENT | CLONE_UNTRACED | CLONE_PTRACE | CLONE_NEWNS |
                                   CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC |
                                   CLONE_NEWUTS | CLONE_NEWCGROUP;
  return call.number == SYS_clone && (call.arguments[0] & kOther) != 0;
}

}  // namespace lockproof
