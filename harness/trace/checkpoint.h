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

#include "trace/tracee.h"

namespace lockproof {

struct Copied {
  StoppedTracee original;
  StoppedTracee copy;  // before the same call
};

// REQUIRES: before a call; the original is not the init of a pid namespace. Nothing: the host has
// no room for one more, or it has been killed; then the original has ended, too.
std::optional<Copied> copy(StoppedTracee tracee);

// It ends as if it had called exit_group, and nothing of its code runs any more; from elsewhere
// than before a call it runs up to one. Blocks until it has ended. Reaped if its parent is the
// caller.
void end(StoppedTracee tracee);

}  // namespace lockproof
