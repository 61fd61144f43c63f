// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace lockproof {

// The line of the scenario file where the promise is asked for: that of its name among the
// invariants, else of the subject, for which it is a default; 0 where the file cannot be read.
std::uint32_t line_of_promise(const std::filesystem::path& file, const std::string& invariant);

}  // namespace lockproof
