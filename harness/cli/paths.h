// SPDX-License-Identifier: Apache-2.0
// Where this installation keeps its parts: found from the place of the running program, so a build
// tree and an installed tree both work, and no path is compiled in.
#pragma once

#include <filesystem>

#include "core/result.h"

namespace lockproof {

// The folder of the families. Falls back to ./scenarios when there is none beside the program.
std::filesystem::path scenario_root();

// The program behind {critical}: of a stress run, and of a run of the live world.
Result<std::filesystem::path> critical_helper();
Result<std::filesystem::path> owner_helper();

}  // namespace lockproof
