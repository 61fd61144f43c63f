// SPDX-License-Identifier: Apache-2.0
// What a text file and a name may consist of.
#pragma once

#include <cstddef>
#include <string_view>

namespace lockproof {

// Offset of the first byte that is not part of valid UTF-8 (overlong forms and surrogates are not),
// or npos.
std::size_t first_invalid_utf8(std::string_view text);

// True if valid UTF-8 can be shown in one line as it is: no control characters, no line
// separators, none of the characters that change the direction of what follows.
bool is_plain_line(std::string_view text);

}  // namespace lockproof
