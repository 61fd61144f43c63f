// SPDX-License-Identifier: Apache-2.0
// Older forms of a call of Linux, as the newer one that does the same: unlink(p) is
// unlinkat(AT_FDCWD, p, 0). So one form is decoded, made, and answered.
#pragma once

#include "trace/tracee.h"

namespace lockproof {

// The call itself where there is no newer form. A vfork, and a clone that shares memory until exec
// as vfork does, become a fork: who waits for the exec then is up to the tracer.
KernelCall newer_form(const KernelCall& call);

// It makes a process whose parent waits in the kernel until it executes another program.
bool is_vfork(const KernelCall& call);

// A SYS_clone whose child is not simply one of the caller's: its parent's, in namespaces of its
// own, or one that no tracer is told of.
bool makes_no_plain_child(const KernelCall& call);

}  // namespace lockproof
