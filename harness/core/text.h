// SPDX-License-Identifier: Apache-2.0
// Text that is safe to show, and names that were nearly right.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lockproof {

// The one routine through which bytes of a subject (output, names, file contents) reach any output
// of ours. The result is one line of valid UTF-8 that shows all it holds and does nothing:
//   - a byte below 0x20, 0x7f, or one that is not UTF-8 becomes \xNN (a newline is \x0a);
//   - a character that is not seen, or that turns its neighbours around (C1, bidirectional
//     overrides and isolates, separators, zero width, private use, ...) becomes \u{NNNN};
//   - a backslash becomes two, so the result can be read back without doubt;
//   - nothing starts a CI command: a "::" that begins the line (after any space), and each "##[",
//     "##vso[" and their like, is broken by a backslash: "\::", "#\#vso[".
// A result longer than `limit` bytes is cut between two characters and ends in "…", within `limit`.
std::string escape(std::string_view bytes, std::size_t limit = 256);

// The same text, with each byte that is not UTF-8 as \xNN. For formats that have escapes of their
// own and only ask for Unicode (JSON). Valid text is unchanged.
std::string valid_utf8(std::string_view bytes);

// How many columns, counting one a character: fits escaped text in all but the widest scripts.
std::size_t width(std::string_view utf8);
// The longest prefix of whole characters that has at most `bytes` bytes.
std::string_view first_characters(std::string_view utf8, std::size_t bytes);

// The candidate nearest to `word` by edit distance, or "" when none is near enough to be what was
// meant.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'x'?" or "; known are a, b, c"
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

// "90" (seconds) "30s" "150ms" "2m" "1h" as milliseconds; -1 if it is none of these or over 10^12.
long long parse_duration_ms(std::string_view text);
// The same in the largest unit that divides it: what parse_duration_ms reads back.
std::string format_duration_ms(long long ms);

}  // namespace lockproof
