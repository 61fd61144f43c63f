// SPDX-License-Identifier: Apache-2.0
// The directory of a run (home_of()): a tmpfs of its own, which is emptied for the next one. Both
// are for the init of a run, in a mount namespace of its own.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "world/world.h"

namespace lockproof::live {

// kEnvironment: the host forbids it.
Result<> mount_home(const std::string& home);
// What is in it goes, and the files of the start come. kUsage: one of them cannot be made.
// kEnvironment: something stays.
Result<> furnish_home(const std::string& home, const std::vector<StartFile>& files);

}  // namespace lockproof::live
