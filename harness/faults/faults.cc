// SPDX-License-Identifier: Apache-2.0
#include "faults/faults.h"

namespace lockproof {

const std::vector<FaultInfo>& all_faults() {
  using Takes = FaultInfo::Takes;
  static const std::vector<FaultInfo> faults = {
      {"kill", "a process gets SIGKILL between two of its calls", Takes::kCount, true},
      {"term", "a process gets SIGTERM", Takes::kCount, true},
      {"stop", "a process gets SIGSTOP, and SIGCONT later", Takes::kCount, true},
      {"stall", "a process makes no step for this long, past every time-out of the others",
       Takes::kDuration, false},
      {"slow_shutdown", "an owner that was told to give up takes this long to end",
       Takes::kDuration, true},
      {"fork_child", "an owner forks a child that outlives it", Takes::kCount, true},
      {"exec_child", "an owner starts another program that outlives it", Takes::kCount, true},
      {"pid_reuse", "a stranger gets the pid of a dead process", Takes::kCount, false},
      {"reboot", "every process dies at once, files stay, pids and clocks begin anew",
       Takes::kCount, false},
      {"errno", "a call fails that usually succeeds: EINTR, ENOSPC, EIO, EMFILE, a short write",
       Takes::kCount, false},
      {"clock_step", "the wall clock is set by this much", Takes::kDuration, false},
  };
  return faults;
}

const FaultInfo* find_fault(std::string_view name) {
  for (const FaultInfo& fault : all_faults()) {
    if (fault.name == name) return &fault;
  }
  return nullptr;
}

}  // namespace lockproof
