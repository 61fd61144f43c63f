// SPDX-License-Identifier: Apache-2.0
// Pattern: a regular expression that a user gave (ECMAScript, without back-references).
//
// Bounded: a pattern has at most kMostBytes, a text counts up to its first kMostTextBytes, and the
// time that a search takes grows with the product of the two, whatever the pattern.
//
// Copies share what was compiled. Const functions may be called by several threads at once.
#pragma once

#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>

#include "core/result.h"

namespace lockproof {

class Pattern {
 public:
  static constexpr std::size_t kMostBytes = 200;
  static constexpr std::size_t kMostTextBytes = 4096;

  // Error: kUsage, what is wrong with it, in words that go on from "the pattern".
  static Result<Pattern> make(std::string_view text);

  bool is_in(std::string_view text) const { return find(text).has_value(); }
  // Where it is found first: its first group, or all of it where it has none. Nothing: it is not
  // in the text.
  std::optional<std::string> find(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const std::regex> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const std::regex> compiled_;
};

}  // namespace lockproof
