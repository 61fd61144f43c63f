// SPDX-License-Identifier: Apache-2.0
#include "solo/parent_watch.h"

#include <cerrno>

#include "guard.h"
#include "solo/process.h"

namespace solo {
namespace {

Error gone() { return {"the parent has ended already", ESRCH}; }

// 1: the process that is pinned is the one that was meant.
int is_meant(port::Sys& sys, pid_t pid, const std::optional<ParentIdentity>& parent) {
  if (parent && parent->start_ticks) return is_alive(sys, pid, *parent->start_ticks);
  return parent || sys.getppid() == pid ? 1 : 0;
}

}  // namespace

Result<ParentWatch> ParentWatch::begin(port::Sys& sys,
                                       const std::optional<ParentIdentity>& parent) {
  const pid_t pid = parent ? parent->pid : sys.getppid();
  if (pid <= 1) return gone();  // init: it has adopted us
  Fd process(sys, sys.pidfd_open(pid));
  if (process.get() == -ESRCH || process.get() == -EINVAL) return gone();
  if (!process.valid()) return Error{"cannot watch the parent", -process.get()};
  const int meant = SOLO_GUARD(sys, parent_pinned) ? is_meant(sys, pid, parent) : 1;
  if (meant < 0) return Error{"cannot look at the parent", -meant};
  if (meant == 0) return gone();
  return ParentWatch(std::move(process));
}

}  // namespace solo
