// SPDX-License-Identifier: Apache-2.0
// The program that stands for {critical} in a run of the live world: while it runs, it owns. It
// tells its tracer so by one call, which returns when it is to give up. Without a tracer it ends
// with status 70.
//
// It has no libc, so that it makes no other call than these two.
#include <sys/syscall.h>

#include "trace/call_filter.h"

namespace {

long call(long number, long argument) {
  long result = number;
  asm volatile("syscall" : "+a"(result) : "D"(argument) : "rcx", "r11", "memory");
  return result;
}

}  // namespace

extern "C" [[noreturn]] void _start() {
  constexpr long kNotForYou = 70;
  const long result = call(static_cast<long>(lockproof::OwnCall::kOwner), 0);
  for (;;) call(SYS_exit_group, result == 0 ? 0 : kNotForYou);
}
