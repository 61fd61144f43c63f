// SPDX-License-Identifier: Apache-2.0
// The first scenario for a program of somebody else's: a short file with comments, for a person to
// go on with.
#pragma once

#include <string>

#include "subject/scenario.h"

namespace lockproof {

inline constexpr int kDraftLines = 15;  // at most

// Two contenders; what is not said means what a file's silence means. `tried` is a sentence about
// what was seen when the program was tried. A pattern of `owners` must not be empty.
std::string draft_scenario(const CommandSubject& subject, const std::string& tried);

// A pattern (core/pattern.h) that only this text is like, but that {dir} and {here} may be any
// directory.
std::string pattern_of(const std::string& command_line);

}  // namespace lockproof
