// SPDX-License-Identifier: Apache-2.0
// The watcher: a process that reads the record and the kernel's lock table all the while, as an
// outsider would.
//
// Each look is two events, begin and end: what it saw was true at some moment between them. It
// never opens the lock file and takes no lock, so it disturbs nobody.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "stress/witness.h"

namespace lockproof {

struct WatchPlan {
  Life life = kHarness;
  std::string record;  // absolute path, "" when there is none
  std::string lock;
  ReadPid read_record{};  // null: the text is a decimal pid
  std::string side;
  ReadPid read_side{};          // likewise
  bool private_device = false;  // nobody else has files on the device of the run's directory
};

// Never returns; looks about a thousand times a second until the run is closed. In a freshly forked
// child.
[[noreturn]] void live_as_watcher(const WatchPlan& plan, Witness witness);

// What /proc/locks (its whole content) says of the file: seen::kHeld, seen::kAbsent, or
// seen::kOrphan when it is free but another file of a private device is locked. Lines of waiters
// ("->") do not count, nor do locks on a part without the first byte.
std::int64_t read_lock_table(std::string_view table, std::uint32_t major, std::uint32_t minor,
                             std::uint64_t inode, bool private_device);

}  // namespace lockproof
