// SPDX-License-Identifier: Apache-2.0
#include "report/html.h"

#include <cstdint>

#include "core/text.h"

namespace lockproof {

std::string html(std::string_view text) {
  std::string safe;
  for (char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string html_of_bytes(std::string_view bytes, std::size_t limit) {
  return html(escape(bytes, limit));
}

std::string csp_hash(std::string_view sha256_in_hex) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text = "sha256-";
  std::uint32_t bits = 0;
  int count = 0;
  const auto six = [&] { text += kDigits[bits >> (count -= 6) & 63u]; };
  for (char c : sha256_in_hex) {
    const auto digit = static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    bits = bits << 4 | digit;
    count += 4;
    if (count >= 6) six();
  }
  if (count > 0) {
    bits <<= 6 - count;
    count = 6;
    six();
  }
  while (text.size() % 4 != 3) text += '=';  // "sha256-" has 7 characters
  return text;
}

}  // namespace lockproof
