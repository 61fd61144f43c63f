// SPDX-License-Identifier: Apache-2.0
// Text in lines of a given width, and figures as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lockproof {

// Lines of at most `columns` characters, broken at spaces; a longer word behind a '|' or '/' of its
// own, and without one where it must be. At least one line, which may be empty. REQUIRES: columns >
// 0.
std::vector<std::string> wrap(std::string_view text, int columns);

// "18 231"
std::string grouped(std::uint64_t number);
// "0.02 s", "15.0 s", "1 204 s"
std::string seconds_text(double seconds);
// "1 owner", "2 owners": `noun` is the plural, as counts have it.
std::string counted(std::uint64_t number, std::string_view noun);

// `text` filled with spaces to `columns` characters.
std::string padded(std::string text, int columns);

// A command to be copied. The engine composes and quotes it for a shell, so it stays as it is,
// backslashes too, unless something hostile got into it: then it is escaped.
std::string command_line(const std::string& command);

// No line of `text` begins a CI command, also after its indentation: wrapping can move a "::" to
// the front that escape() left alone.
std::string harmless_lines(const std::string& text);

}  // namespace lockproof
