// SPDX-License-Identifier: Apache-2.0
// Text that is safe to show, and names that were nearly right.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lockproof {

// The one routine through which bytes of a subject (output, names, file contents) reach any output
// of ours. The result is one line of valid UTF-8 without control characters, terminal codes or
// bidirectional overrides: each such byte or character becomes \xNN or \u{NNNN}. A line cannot
// start a CI command either: a leading "::", and every "##vso[" or "##[", is broken by a backslash.
// Longer than `limit` bytes is cut, at a character, and says so with "…".
std::string escape(std::string_view bytes, std::size_t limit = 256);

// The candidate nearest to `word` by edit distance, or "" when none is near enough to be what was
// meant.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'x'?" or "; known are a, b, c"
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

// "90" "30s" "150ms" "2m" "1h" as milliseconds; -1 if it is none of these or over 10^12.
long long parse_duration_ms(std::string_view text);
std::string format_duration_ms(long long ms);

}  // namespace lockproof
