// SPDX-License-Identifier: Apache-2.0
// Rest: a process waits for a signal, without an end of its own and for nothing else. A daemon that
// has nothing to do is there; who starts one, and waits for it by a child, a pipe or the clock, is
// not (docs/adr/0020-*).
#pragma once

#include <sys/syscall.h>

#include <optional>

#include "program/asked.h"
#include "program/call.h"

namespace lockproof {

// Whoever does that at once never takes a step, and so never begins.
inline constexpr const char* kRestsAtOnce =
    "comes to rest before any call that others could notice";

// The call as every world knows it, if `call` is one by which its caller comes to rest: pause,
// sigsuspend, or a poll or select of no descriptor without a time-out. `asked`: what asked_of()
// gives for it.
inline std::optional<Call> rest_call(const KernelCall& call, const std::optional<Asked>& asked) {
  const bool by_signals = call.number == SYS_pause || call.number == SYS_rt_sigsuspend;
  const bool of_nothing = asked && !asked->reads_one && asked->fds.empty() && asked->timeout_ns < 0;
  if (!by_signals && !of_nothing) return std::nullopt;
  Call rests{.op = Op::kPoll};
  rests.fd = rests.fd2 = rests.extra = -1;
  rests.size = -1;
  return rests;
}

}  // namespace lockproof
