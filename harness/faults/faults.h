// SPDX-License-Identifier: Apache-2.0
// The faults: the closed list of what the harness may do to processes, to the clock and to answers
// of the kernel. A name means the same in a scenario file, on the command line and in a history.
#pragma once

#include <string_view>
#include <vector>

namespace lockproof {

struct FaultInfo {
  // What a scenario file gives: how often at most, or for how long.
  enum class Takes { kCount, kDuration };

  std::string_view name;
  std::string_view sentence;  // what happens to whom
  Takes takes;
  bool in_stress;  // real processes at full speed can have it
};

// All of them, in the order of the documentation.
const std::vector<FaultInfo>& all_faults();

// Null when there is none of that name.
const FaultInfo* find_fault(std::string_view name);

}  // namespace lockproof
