// SPDX-License-Identifier: Apache-2.0
// Words that people type: names that were nearly right, and durations.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace lockproof {
namespace {

constexpr std::size_t kLongestName = 64;  // longer words are not a name with a slip in it
constexpr std::size_t kNamesShown = 24;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Insertions, deletions, substitutions and swaps of neighbours; the case of letters is free.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                             std::vector<std::size_t>(b.size() + 1, 0));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

struct Unit {
  std::string_view name;
  long long ms;
};
constexpr Unit kUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr long long kLongestMs = 1'000'000'000'000;

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > kLongestName) return "";
  std::string best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongestName) continue;
    const std::size_t distance = edit_distance(word, candidate);
    // A word whose every letter would have to change was not meant.
    if (distance < least && distance < std::min(word.size(), candidate.size())) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string meant = nearest(word, candidates);
  if (!meant.empty()) return fmt::format("; did you mean '{}'?", escape(meant));
  if (candidates.empty()) return "";
  std::string text = "; known are ";
  for (std::size_t i = 0; i < std::min(candidates.size(), kNamesShown); ++i) {
    if (i > 0) text += ", ";
    text += escape(candidates[i]);
  }
  if (candidates.size() > kNamesShown) {
    text += fmt::format(" and {} more", candidates.size() - kNamesShown);
  }
  return text;
}

long long parse_duration_ms(std::string_view text) {
  const auto* end =
      std::find_if_not(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  std::string_view unit_name = text.substr(digits.size());
  if (digits.empty()) return -1;
  if (unit_name.empty()) unit_name = "s";
  const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                  [&](const Unit& known) { return known.name == unit_name; });
  if (unit == std::end(kUnits)) return -1;
  long long number = 0;
  for (char digit : digits) {
    number = number * 10 + (digit - '0');
    if (number > kLongestMs / unit->ms) return -1;
  }
  return number * unit->ms;
}

std::string format_duration_ms(long long ms) {
  if (ms == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (ms % unit.ms == 0) return fmt::format("{}{}", ms / unit.ms, unit.name);
  }
  return fmt::format("{}ms", ms);
}

}  // namespace lockproof
