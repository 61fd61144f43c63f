// SPDX-License-Identifier: Apache-2.0
#include "live/process.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace lockproof::live {
std::optional<std::int64_t> inject_into(Process& process, long number,
                                        std::array<std::uint64_t, 6> arguments, int held_back) {
  auto injected = inject(std::move(*process.tracee), {number, arguments}, held_back);
  process.tracee.reset();
  if (!injected) return std::nullopt;
  process.tracee = std::move(injected->tracee);
  return injected->result;
}

Fd pidfd_of(pid_t host_pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, host_pid, 0))); }

}  // namespace lockproof::live
