// SPDX-License-Identifier: Apache-2.0
// Pieces of HTML that are safe whatever they are given.
#pragma once

#include <string>
#include <string_view>

namespace lockproof {

// Text of ours as content, or as the value of an attribute in double quotes.
std::string html(std::string_view text);
// Bytes of a subject: made visible (escape()), then the same.
std::string html_of_bytes(std::string_view bytes, std::size_t limit = 1000);

// "sha256-...", as a Content-Security-Policy names a script. REQUIRES: an even number of
// hexadecimal digits.
std::string csp_hash(std::string_view sha256_in_hex);

}  // namespace lockproof
