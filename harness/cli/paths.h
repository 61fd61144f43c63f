// SPDX-License-Identifier: Apache-2.0
// Where this installation keeps its parts: found from the place of the running program, so a build
// tree and an installed tree both work, and no path is compiled in.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace lockproof {

// The folder of the families. Falls back to ./scenarios when there is none beside the program.
std::filesystem::path scenario_root();

// The program behind {critical}.
Result<std::filesystem::path> critical_helper();

}  // namespace lockproof
