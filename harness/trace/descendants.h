// SPDX-License-Identifier: Apache-2.0
// Every process below this one, found and ended.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace lockproof {

// The parent in the content of /proc/PID/stat. The name in it is the process's own choice and may
// contain anything, so fields are counted from the last ')'.
std::optional<pid_t> parent_in_stat(std::string_view stat);

// Nothing: it is gone. Of a zombie, too.
std::optional<pid_t> parent_of(pid_t pid);

// All descendants of the calling process, as /proc shows them now.
std::vector<pid_t> descendants();

// Kills them until none is left, and reaps what is the caller's to reap. REQUIRES: the caller is a
// subreaper, or orphans would get away. A process in uninterruptible sleep ends the attempt after a
// bounded time; returns how many are left.
std::size_t kill_descendants();

}  // namespace lockproof
