// SPDX-License-Identifier: Apache-2.0
#include "cli/outlook.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lockproof {
namespace {

// The last levels; they have a trend if all of their first and all of their last part agree on it.
constexpr std::ptrdiff_t kLevels = 8;
constexpr std::ptrdiff_t kPart = 3;

// In one figure, as nobody knows more: "7 s", "40 s", "3 min", "2 h".
std::string roughly(double seconds) {
  const auto rounded = [](double value, double to) {
    return static_cast<std::uint64_t>(std::max(1.0, std::round(value / to)) * to);
  };
  if (seconds < 10) return fmt::format("{} s", rounded(seconds, 1));
  if (seconds < 95) return fmt::format("{} s", rounded(seconds, 10));
  if (seconds < 95 * 60) return fmt::format("{} min", rounded(seconds / 60, 1));
  if (seconds < 1e8) return fmt::format("{} h", rounded(seconds / 3600, 1));
  return "years";
}

}  // namespace

Outlook outlook(const std::vector<Level>& levels, std::uint64_t waiting) {
  if (levels.size() < kLevels) return {};
  const auto begin = levels.end() - kLevels;
  const auto by_width = [](const Level& a, const Level& b) { return a.waiting < b.waiting; };
  const auto before = std::minmax_element(begin, begin + kPart, by_width);
  const auto now = std::minmax_element(levels.end() - kPart, levels.end(), by_width);
  if (now.first->waiting > before.second->waiting) return {Outlook::Trend::kGrowing, 0};
  if (now.second->waiting >= before.first->waiting) return {};
  const auto widest = std::max_element(levels.begin(), levels.end(), by_width);
  if (waiting > widest->waiting / 2) return {Outlook::Trend::kShrinking, 0};
  const auto width = [](const Level& level) {
    return static_cast<double>(std::max<std::uint64_t>(level.waiting, 1));
  };
  const double levels_apart = levels.back().depth - begin->depth;
  const double decay = std::pow(width(levels.back()) / width(*begin), 1 / levels_apart);
  // w + w d + w d^2 + ...
  return {Outlook::Trend::kShrinking, static_cast<double>(waiting) / (1 - decay)};
}

std::string in_words(const Outlook& outlook, double speed) {
  switch (outlook.trend) {
    case Outlook::Trend::kUnknown:
      return "";
    case Outlook::Trend::kGrowing:
      return "growing";
    case Outlook::Trend::kShrinking:
      break;
  }
  if (speed <= 0 || outlook.states <= 0) return "shrinking";
  return fmt::format("about {} left if it goes on shrinking like this",
                     roughly(outlook.states / speed));
}

}  // namespace lockproof
