// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace lockproof {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that are not seen, or that change how their neighbours are seen: C1 controls, format
// characters (among them every bidirectional override and isolate), fillers, variation selectors,
// line and paragraph separators, tags, private use and noncharacters.
constexpr Range kUnseen[] = {
    {0x0080, 0x009f},   {0x00ad, 0x00ad},    {0x034f, 0x034f},   {0x0600, 0x0605},
    {0x061c, 0x061c},   {0x06dd, 0x06dd},    {0x070f, 0x070f},   {0x08e2, 0x08e2},
    {0x115f, 0x1160},   {0x17b4, 0x17b5},    {0x180b, 0x180f},   {0x200b, 0x200f},
    {0x2028, 0x202e},   {0x2060, 0x206f},    {0x3164, 0x3164},   {0xe000, 0xf8ff},
    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},    {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},   {0xfffe, 0xffff},    {0x13430, 0x13455}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff},
};

// REQUIRES: no C0 control and not DEL, which have a shorter spelling.
bool is_seen(char32_t character) {
  if ((character & 0xfffe) == 0xfffe) return false;  // the last two of every plane
  const auto* range =
      std::find_if(std::begin(kUnseen), std::end(kUnseen),
                   [&](const Range& candidate) { return character <= candidate.last; });
  return range == std::end(kUnseen) || character < range->first;
}

// What String.TrimStart of the CI runners skips before it looks for a command.
bool is_space(char32_t character) {
  return character == 0x20 || character == 0xa0 || character == 0x1680 ||
         (character >= 0x2000 && character <= 0x200a) || character == 0x202f ||
         character == 0x205f || character == 0x3000;
}

struct Character {
  char32_t code = 0;
  std::size_t size = 0;  // 0: the first byte does not begin a valid character
};

// The first character of valid UTF-8: shortest form, no surrogates, nothing above U+10FFFF.
Character first_character(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() < size) return {};
  char32_t code = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  const char32_t smallest = size == 4 ? 0x10000 : size == 3 ? 0x800 : 0x80;
  if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, size};
}

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "##[", "##vso[", "##teamcity[": two signs, a word or none, a bracket.
bool begins_ci_command(std::string_view text) {
  if (text.substr(0, 2) != "##") return false;
  const auto* end = std::find_if_not(text.begin() + 2, text.end(), is_ascii_letter);
  return end != text.end() && *end == '[';
}

bool is_plain(std::string_view bytes) {
  if (!bytes.empty() && (bytes[0] == ' ' || bytes[0] == ':')) return false;
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '\\' && c != '#'; });
}

constexpr std::string_view kEllipsis = "…";

}  // namespace

std::string escape(std::string_view bytes, std::size_t limit) {
  if (bytes.size() <= limit && is_plain(bytes)) return std::string(bytes);
  limit = std::max(limit, kEllipsis.size());
  std::string text;
  std::size_t cut = 0;  // the longest whole prefix that leaves room for the ellipsis
  bool only_space = true;
  while (!bytes.empty()) {
    const Character character = first_character(bytes);
    const std::size_t size = std::max<std::size_t>(character.size, 1);
    const auto lead = static_cast<unsigned char>(bytes[0]);
    if (character.size == 0 || character.code < 0x20 || character.code == 0x7f) {
      text += fmt::format("\\x{:02x}", lead);
    } else if (!is_seen(character.code)) {
      text += fmt::format("\\u{{{:04x}}}", static_cast<std::uint32_t>(character.code));
    } else if (lead == '\\') {
      text += "\\\\";
    } else if (only_space && bytes.substr(0, 2) == "::") {
      text += "\\:";
    } else if (begins_ci_command(bytes)) {
      text += "#\\";
    } else {
      text.append(bytes.substr(0, size));
    }
    only_space = only_space && character.size != 0 && is_space(character.code);
    if (text.size() > limit) return text.substr(0, cut).append(kEllipsis);
    if (text.size() + kEllipsis.size() <= limit) cut = text.size();
    bytes.remove_prefix(size);
  }
  return text;
}

std::string valid_utf8(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = first_character(bytes).size;
    if (size == 0) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
    } else {
      text.append(bytes.substr(0, size));
    }
    bytes.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return text;
}

std::size_t width(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string_view first_characters(std::string_view utf8, std::size_t bytes) {
  if (utf8.size() <= bytes) return utf8;
  while (bytes > 0 && (static_cast<unsigned char>(utf8[bytes]) & 0xc0) == 0x80) --bytes;
  return utf8.substr(0, bytes);
}

}  // namespace lockproof
