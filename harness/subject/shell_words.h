// SPDX-License-Identifier: Apache-2.0
// A command line as words, split as a POSIX shell splits it: quotes and backslashes, nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace lockproof {

// No shell ever runs, so what a shell would act upon ($ ` | ; < > &, not quoted) is a usage error
// and not a word: a command must not silently mean something else than it does at a prompt. In
// double quotes $ and ` are refused too. Fails on an open quote, a backslash at the end, a NUL, and
// a line without words.
Result<std::vector<std::string>> split_words(std::string_view line);

// The reverse: a line that split_words, and a POSIX shell, split into these words.
std::string join_words(const std::vector<std::string>& words);

}  // namespace lockproof
