// SPDX-License-Identifier: Apache-2.0
#include "sim/naming.h"

#include <algorithm>
#include <string>

#include "sim/kernel.h"

namespace lockproof::sim {
namespace {

constexpr std::size_t kDigits = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<Mention> find_mentions(std::string_view text) {
  std::vector<Mention> found;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    int number = 0;
    while (end < text.size() && is_digit(text[end])) {
      if (end - at < kDigits) number = number * 10 + (text[end] - '0');
      ++end;
    }
    const int pid = number - kPidBase;
    if (end - at == kDigits && pid > 0 && pid < 256) {
      found.push_back({static_cast<std::uint16_t>(at), static_cast<std::uint8_t>(pid)});
    }
    at = std::max(end, at + 1);
  }
  return found;
}

}  // namespace

const std::vector<Mention>& Naming::mentions(Text text) {
  while (mentions_.size() <= text) {
    mentions_.push_back(find_mentions(texts_[static_cast<Text>(mentions_.size())]));
  }
  return mentions_[text];
}

std::optional<Text> Naming::rename(Text text, const PidMap& map) {
  const std::vector<Mention>& found = mentions(text);
  if (found.empty()) return text;
  std::string renamed(texts_[text]);
  bool same = true;
  for (const Mention& mention : found) {
    const std::uint8_t pid = map[mention.pid];
    if (pid == 0) return std::nullopt;
    same = same && pid == mention.pid;
    renamed.replace(mention.at, kDigits, std::to_string(kPidBase + pid));
  }
  return same ? text : texts_.intern(renamed);
}

}  // namespace lockproof::sim
