// SPDX-License-Identifier: Apache-2.0
#include "core/pattern.h"

#include <fmt/format.h>

#include <utility>

namespace lockproof {

// Without backtracking, which takes exponential time for some patterns, and the stack for long
// texts; the price are back-references.
Result<Pattern> Pattern::make(std::string_view text) {
  if (text.empty())
    return usage_error(ErrorCode::kPattern, "is empty, and would be found everywhere");
  if (text.size() > kMostBytes) {
    return usage_error(ErrorCode::kPattern,
                       fmt::format("has {} bytes, expected at most {}", text.size(), kMostBytes));
  }
  try {
    return Pattern(std::make_shared<const std::regex>(
        text.begin(), text.end(),
        std::regex_constants::ECMAScript | std::regex_constants::__polynomial));
  } catch (const std::regex_error& error) {
    if (error.code() == std::regex_constants::error_complexity) {
      return usage_error(ErrorCode::kPattern, "has a back-reference, which is not known here");
    }
    return usage_error(ErrorCode::kPattern,
                       fmt::format("is no regular expression: {}", error.what()));
  }
}

std::optional<std::string> Pattern::find(std::string_view text) const {
  const std::string_view counts = text.substr(0, kMostTextBytes);
  std::match_results<std::string_view::const_iterator> match;
  if (!std::regex_search(counts.begin(), counts.end(), match, *compiled_)) return std::nullopt;
  return match[compiled_->mark_count() > 0 ? 1 : 0].str();
}

}  // namespace lockproof
