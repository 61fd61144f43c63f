// SPDX-License-Identifier: Apache-2.0
// Who has the lock of an instance, as /proc tells it: for a person to read. It decides nothing.
//
// The kernel does not say who holds a lock on an open file; so the descriptors of all processes are
// looked at, as `lsof` does it. Those of other users are seen by root alone, and those in another
// mount namespace perhaps not at all: that nobody is found means nothing.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace solo::tool {

struct Holder {
  pid_t pid = 0;
  std::optional<uid_t> uid;  // the effective one

  bool operator==(const Holder&) const = default;
};

struct Holders {
  std::optional<Holder> current;   // of the file that has the name now
  std::optional<Holder> replaced;  // of one that had it: somebody has removed or replaced the file
                                   // under its owner, who believes to own
};

// `lock_path`: absolute, without links. Reads /proc; takes nothing, and never blocks.
Holders find_holders(const std::string& lock_path);

// "pid 4711 of user 65534"
std::string describe(const Holder& holder);

// Whether /proc/PID/fdinfo/FD tells of a lock on the byte that decides who owns.
bool has_owners_lock(std::string_view fdinfo);

// The effective uid in a /proc/PID/status.
std::optional<uid_t> effective_uid(std::string_view status);

}  // namespace solo::tool
