// SPDX-License-Identifier: Apache-2.0
#include "subject/record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/pattern.h"
#include "core/text.h"
#include "subject/builtin.h"

namespace lockproof {
namespace {

constexpr int kMostDepth = 32;  // of a JSON record
constexpr std::size_t kShown = 60;
constexpr std::string_view kJson = "json:";
constexpr std::string_view kRegex = "regex:";

// The whole of it: "12x" and "12:3" name nobody here.
std::int64_t read_digits(std::string_view text) {
  const bool digits = text.find_first_not_of("0123456789") == text.npos;
  return digits && !text.empty() ? read_pid_text(text) : seen::kTorn;
}

std::int64_t read_member(const JsonReader& value) {
  if (value.is_string()) return read_digits(value.get_ref<const std::string&>());
  return value.is_number_unsigned() ? read_digits(value.dump()) : seen::kTorn;
}

std::int64_t read_json(std::string_view content, const std::vector<std::string>& path) {
  if (content.empty()) return seen::kEmpty;
  const auto document = parse_json(content, kMostDepth);
  if (!document.ok()) return seen::kTorn;
  const JsonReader* value = &*document;
  for (const std::string& member : path) {
    if (!value->is_object() || !value->contains(member)) return seen::kTorn;
    value = &value->at(member);
  }
  return read_member(*value);
}

std::int64_t read_match(std::string_view content, const Pattern& pattern) {
  if (content.empty()) return seen::kEmpty;
  const auto match = pattern.find(content);
  return match ? read_digits(*match) : seen::kTorn;
}

// Of ".a.b". Nothing: it is no such path.
std::vector<std::string> members(std::string_view path) {
  std::vector<std::string> names;
  while (path.starts_with('.')) {
    const std::size_t end = std::min(path.find('.', 1), path.size());
    if (end == 1) return {};
    names.emplace_back(path.substr(1, end - 1));
    path.remove_prefix(end);
  }
  if (!path.empty()) return {};
  return names;
}

}  // namespace

Result<ReadPid> record_reader(std::string_view how) {
  if (how == kReadText) return ReadPid(read_pid_text);
  if (how.starts_with(kJson)) {
    auto path = members(how.substr(kJson.size()));
    if (path.empty()) {
      return usage_error(
          ErrorCode::kPattern,
          fmt::format("expected members of a JSON object as \"json:.pid\", found \"{}\"",
                      escape(how, kShown)));
    }
    return ReadPid(
        [path = std::move(path)](std::string_view content) { return read_json(content, path); });
  }
  if (how.starts_with(kRegex)) {
    auto pattern = Pattern::make(how.substr(kRegex.size()));
    if (!pattern.ok())
      return usage_error(ErrorCode::kPattern, "the pattern " + pattern.error().sentence);
    return ReadPid(
        [pattern = *pattern](std::string_view content) { return read_match(content, pattern); });
  }
  return usage_error(
      ErrorCode::kPattern,
      fmt::format("expected \"text\", \"json:.MEMBER\" or \"regex:PATTERN\", found \"{}\"",
                  escape(how, kShown)));
}

}  // namespace lockproof
