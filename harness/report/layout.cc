// SPDX-License-Identifier: Apache-2.0
#include "report/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/text.h"

namespace lockproof {
namespace {

constexpr std::size_t kCommandShown = 64 * 1024;

// The first `columns` characters of `text`.
std::string_view columns_of(std::string_view text, int columns) {
  std::size_t end = 0;
  while (end < text.size() && columns-- > 0) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
  }
  return text.substr(0, end);
}

int columns_in(std::string_view text) { return static_cast<int>(width(text)); }

// What of a word too long for a line stands on it: "O_RDWR|O_CREAT|", but "abcdef".
std::string_view first_part(std::string_view word, int columns) {
  const std::string_view fits = columns_of(word, columns);
  const std::size_t joint = fits.find_last_of("|/");
  return joint == std::string_view::npos || joint == 0 ? fits : fits.substr(0, joint + 1);
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, int columns) {
  assert(columns > 0);
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (columns_in(line) + 1 + columns_in(word) <= columns) {
      line.append(" ").append(word);
    } else {
      lines.emplace_back(word);
    }
    while (columns_in(lines.back()) > columns) {
      const std::string whole = lines.back();
      lines.back() = first_part(whole, columns);
      lines.push_back(whole.substr(lines.back().size()));
    }
  }
  return lines;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, 1, ' ');
  return digits;
}

std::string seconds_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "0.00 s";
  if (seconds < 1) return fmt::format("{:.2f} s", seconds);
  if (seconds < 1000) return fmt::format("{:.1f} s", seconds);
  return fmt::format("{} s", grouped(static_cast<std::uint64_t>(std::min(seconds, 1e15))));
}

std::string counted(std::uint64_t number, std::string_view noun) {
  const bool one = number == 1 && noun.size() > 1 && noun.back() == 's';
  return fmt::format("{} {}", grouped(number), one ? noun.substr(0, noun.size() - 1) : noun);
}

std::string padded(std::string text, int columns) {
  const int missing = columns - columns_in(text);
  if (missing > 0) text.append(static_cast<std::size_t>(missing), ' ');
  return text;
}

std::string command_line(const std::string& command) {
  std::string bare = command;
  std::replace(bare.begin(), bare.end(), '\\', '/');
  return escape(bare, kCommandShown) == bare ? command : escape(command, kCommandShown);
}

std::string harmless_lines(const std::string& text) {
  std::string safe;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    std::string line = text.substr(begin, end - begin);
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && line.compare(first, 2, "::") == 0) {
      // In place of a space of the indentation, so that the line does not get longer.
      line.replace(first == 0 ? 0 : first - 1, first == 0 ? 0 : 1, "\\");
    }
    safe += line;
    begin = end;
  }
  return safe;
}

}  // namespace lockproof
