// SPDX-License-Identifier: Apache-2.0
// A copy of a tracee that stands before a call: a checkpoint. What the original would do next, the
// copy does, too, as often as it is copied.
//
// The copy is a fork of which the original knows nothing: it has the same memory and registers, and
// the same descriptors; what lies behind these is shared, as after every fork. It is a child of the
// original's parent, has a pid of its own, and is a tracee. Copies of copies of copies get slow:
// 0.1 ms at first, 3 ms after 250 of them, so that who copies in a chain begins anew now and then.
#pragma once

#include <optional>
#include <span>

#include "trace/tracee.h"

namespace lockproof {

struct Copied {
  StoppedTracee original;
  StoppedTracee copy;  // before the same call
};

// REQUIRES: before a call; the original is not the init of a pid namespace. Nothing: the host has
// no room for one more, or it has been killed; then the original has ended, too.
std::optional<Copied> copy(StoppedTracee tracee);

// A tracee that goes nowhere any more: it is copied, as often as one likes, each time from before
// the same call and with a pid that is chosen. A copy costs two stops of the original and one of
// its own.
//
// A copy finds its own pid where libc keeps that of the thread (set_tid_address(2)). It has no list
// of robust mutexes (set_robust_list(2)), as after every fork.
class Original {
 public:
  // REQUIRES: before a call, in a process of one thread. Errors: kEnvironment, it cannot be copied,
  // and stands where it did: it has no room below its stack, or keeps its pid where nobody knows.
  static Result<Original> keep(StoppedTracee& tracee);
  // Of a process of ours that keeps no pid.
  static Original keep_own(StoppedTracee tracee);

  // The call that it stands before.
  const KernelCall& call() const { return call_; }
  pid_t pid() const { return at_->pid(); }

  // A child of its parent that has not done anything yet, behind the clone; to be sent to a call of
  // its own by go_back_to() or begin_behind(). `pids`: from the innermost namespace on; none: the
  // kernel chooses. Errors: kEnvironment, the kernel refuses it; the original stands as before, or
  // has ended.
  Result<StoppedTracee> copy(std::span<const pid_t> pids);
  // A copy that is an original, too.
  Result<Original> second(std::span<const pid_t> pids);
  // Not an original any more: before its call. Nothing: it has ended.
  std::optional<StoppedTracee> release() &&;

 private:
  Original(StoppedTracee at, KernelCall call, std::uint64_t tid_address);

  std::optional<StoppedTracee> at_;  // nothing: it has ended
  KernelCall call_;
  // Those that a copy begins with, but for the call. Nobody else changes them: they are never read.
  user_regs_struct registers_;
  std::uint64_t room_;         // of its memory, that nobody looks at
  std::uint64_t tid_address_;  // 0: it keeps no pid
};

// It ends as if it had called exit_group, and nothing of its code runs any more; from elsewhere
// than before a call it runs up to one. Blocks until it has ended. Reaped if its parent is the
// caller.
void end(StoppedTracee tracee);

}  // namespace lockproof
