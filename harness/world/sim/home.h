// SPDX-License-Identifier: Apache-2.0
// Home: the directory that the processes of a run start in, "/home", and the files that lie there
// before.
#pragma once

#include <string_view>

#include "core/result.h"
#include "sim/kernel.h"

namespace lockproof::sim {

inline constexpr std::uint8_t kHomeInode = 1;
inline constexpr std::string_view kHomePath = "/home";

// A booted system with an empty home that belongs to the user of `tables`, mode 0700.
Kernel boot_with_home(Tables& tables);

// A file in home, and the directories that lead to it. Fails when the model has no place for it.
// REQUIRES: nobody runs yet.
Result<> put_file(Kernel& kernel, Tables& tables, std::string_view name, std::string_view content);

// The system has been up for so long, and a process that ended before has read a clock.
void set_uptime(Kernel& kernel, std::int64_t uptime_ns);

}  // namespace lockproof::sim
