// SPDX-License-Identifier: Apache-2.0
// ParentWatch: notices the death of the process that this one is there for.
//
// Its parent, or the owner of its session behind a wrapper that lives on. Who that is should be
// handed over by that process (`--parent $$`): a pid that is sampled here is that of init, or of
// whoever adopts orphans, once the parent has died. A pidfd tells of the end at once and of no
// other process's; the parent-death signal (prctl) is not used, as it comes when the thread that
// forked ends, though its process lives on.
//
// Guards: parent_pinned  The process is pinned and then looked at again: its start time, or that it
//                        still is the parent. Else one that has its pid by now is watched, for
//                        ever.
#pragma once

#include <cstdint>
#include <optional>

#include "port/sys.h"
#include "solo/fd.h"
#include "solo/result.h"

namespace solo {

struct ParentIdentity {
  std::int32_t pid = 0;
  std::optional<std::uint64_t> start_ticks;  // field 22 of /proc/PID/stat
};

class ParentWatch {
 public:
  // Without `parent` it is the parent of this process. Errors: it has ended already (code ESRCH),
  // or cannot be watched. Never blocks.
  static Result<ParentWatch> begin(port::Sys& sys, const std::optional<ParentIdentity>& parent);

  // Readable from the end of the process on: for poll().
  int fd() const { return process_.get(); }

 private:
  explicit ParentWatch(Fd process) : process_(std::move(process)) {}

  Fd process_;
};

}  // namespace solo
