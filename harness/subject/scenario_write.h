// SPDX-License-Identifier: Apache-2.0
// A scenario as a file: the TOML that is read back as the same scenario (docs/SCENARIO.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "subject/scenario.h"

namespace lockproof {

// All that was chosen, whether or not it is what a file's silence means. Its name and its file are
// no part of it.
//
// parse_scenario(write_scenario(s), where, s.name) is s again, for every s that a file can say: one
// that was read, or one whose words and numbers are such as a reader accepts.
std::string write_scenario(const Scenario& scenario);

// A basic string of TOML, and an array of them.
std::string toml_string(std::string_view text);
std::string toml_array(const std::vector<std::string>& words);

}  // namespace lockproof
