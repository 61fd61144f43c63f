// SPDX-License-Identifier: Apache-2.0
// Scanner: reads one spelling of each thing from the front of a text, or nothing. Allocates
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace solo {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  // Decimal, no sign, no leading zero, at most `max`.
  std::optional<std::uint64_t> decimal(std::uint64_t max) {
    std::uint64_t value = 0;
    std::size_t used = 0;
    for (; used < rest_.size() && rest_[used] >= '0' && rest_[used] <= '9'; ++used) {
      const auto digit = static_cast<std::uint64_t>(rest_[used] - '0');
      if (digit > max || value > (max - digit) / 10) return std::nullopt;
      value = value * 10 + digit;
    }
    if (used == 0 || (used > 1 && rest_[0] == '0')) return std::nullopt;
    rest_.remove_prefix(used);
    return value;
  }

  // Exactly 16 lower-case hexadecimal digits.
  std::optional<std::uint64_t> hex16() {
    constexpr std::size_t kDigits = 16;
    if (rest_.size() < kDigits) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : rest_.substr(0, kDigits)) {
      if (!is_hex(c)) return std::nullopt;
      value = value << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    rest_.remove_prefix(kDigits);
    return value;
  }

  // The next `size` bytes, whatever they are.
  std::optional<std::string_view> take(std::size_t size) {
    if (rest_.size() < size) return std::nullopt;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

 private:
  std::string_view rest_;
};

}  // namespace solo
