// SPDX-License-Identifier: Apache-2.0
// The filter by which a tracee stops before each call that matters: seccomp(2), SECCOMP_RET_TRACE.
//
// What may pass is a closed list: memory, threads' own bookkeeping, signal masks. All else stops,
// so that what a tracer does not know is found by it, and not passed by. While nobody traces, such
// a call fails with ENOSYS.
#pragma once

#include <cstdint>

namespace lockproof {

// No calls of Linux, but of a tracee that is code of ours to its tracer, which answers them.
enum class OwnCall : long {
  kReady = 19'000,  // is there a tracer? ENOSYS: not yet; else a number that it is told
  kSay,             // a word of a session: kind, phase, value
  kHold,            // an owner at work
  kSignalFd,        // the port's signal_fd, which is two calls of Linux: a mask
  kLost,            // what it asks next is not known: text, size
};

// For the calling process and its children, for ever. False: the host forbids it, errno says why.
bool install_call_filter();

}  // namespace lockproof
