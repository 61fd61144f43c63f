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
  kHold,            // an owner at work
  kSignalFd,        // the port's signal_fd, which is two calls of Linux: a mask
  kLost,            // what it asks next is not known: text, size
  kOwner,           // it owns from here on until this returns
};

// Both for the calling process and its children, for ever. False: the host forbids it, errno says
// why.
bool install_call_filter();

// The same for a program of somebody else's, which makes many calls that nobody else can notice.
// These pass, too: its user, its limits, memory without a file, pipes that it makes. io_uring and
// rseq are not there (ENOSYS), as on other hosts: libraries then use calls that stop. Nor is the
// time stamp counter: who reads it gets SIGSEGV, and its tracer says what it reads (tracee.h).
//
// kByTracer: what is different in each run is for the tracer to say: such calls stop.
enum class Told { kByKernel, kByTracer };
bool install_program_filter(Told told = Told::kByKernel);

}  // namespace lockproof
