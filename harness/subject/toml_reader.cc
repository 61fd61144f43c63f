// SPDX-License-Identifier: Apache-2.0
#include "subject/toml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "subject/utf8.h"

namespace lockproof {
namespace {

constexpr std::size_t kDotsMax = 200;
constexpr std::size_t kShown = 60;  // bytes of a wrong value in a sentence

std::uint32_t line_of(const toml::source_region& source) {
  return std::max<std::uint32_t>(source.begin.line, 1);
}

Error at_offset(const std::string& where, std::string_view text, std::size_t offset,
                std::string_view sentence) {
  const auto line = 1 + std::count(text.begin(), text.begin() + offset, '\n');
  return usage_error(ErrorCode::kScenario, fmt::format("{}:{}: {}", where, line, sentence));
}

// Each dot of a key is a table within a table, of which the library counts none, and which it
// clears by a function that calls itself.
std::size_t first_deep_line(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') dots = 0;
    if (text[at] == '.' && ++dots > kDotsMax) return at;
  }
  return std::string_view::npos;
}

// The library's words. It shows a line end as \n, and escape() doubles that backslash.
std::string in_one_line(std::string_view description) {
  std::string text = escape(description);
  for (std::size_t at = 0; (at = text.find("\\\\", at)) != std::string::npos; ++at)
    text.erase(at, 1);
  return text;
}

}  // namespace

void Complaints::wrong(std::uint32_t line, std::string_view sentence) {
  keep(line, line, sentence);
}

void Complaints::missing(std::uint32_t line, std::string_view sentence) {
  keep(UINT32_MAX + std::uint64_t{line}, line, sentence);
}

void Complaints::keep(std::uint64_t rank, std::uint32_t line, std::string_view sentence) {
  if (rank >= rank_) return;
  rank_ = rank;
  sentence_ = fmt::format("{}:{}: {}", where_, line, sentence);
}

TomlValue::TomlValue(std::string key, std::string name, std::uint32_t line, const toml::node* node,
                     Complaints& complaints)
    : key_(std::move(key)),
      name_(std::move(name)),
      line_(line),
      node_(node),
      complaints_(&complaints) {}

std::string TomlValue::line() const {
  if (!is_text()) return expected("text"), "";
  const std::string& text = node_->as_string()->get();
  if (text.empty()) return wrong("must not be empty"), "";
  if (!is_plain_line(text)) {
    wrong("must be one line without control or bidirectional characters");
    return "";
  }
  return text;
}

std::string TomlValue::bytes() const {
  if (!is_text()) return expected("text"), "";
  const std::string& text = node_->as_string()->get();
  if (text.find('\0') != std::string::npos) return wrong("must not hold a NUL character"), "";
  return text;
}

std::int64_t TomlValue::number(std::int64_t least, std::int64_t most) const {
  if (const auto* number = node_->as_integer();
      number != nullptr && number->get() >= least && number->get() <= most) {
    return number->get();
  }
  expected(fmt::format("a whole number from {} to {}", least, most));
  return least;
}

std::int64_t TomlValue::duration_ms(std::int64_t least, std::int64_t most) const {
  if (is_text()) {
    const long long ms = parse_duration_ms(node_->as_string()->get());
    if (ms >= least && ms <= most) return ms;
  }
  expected(fmt::format("a duration from \"{}\" to \"{}\"", format_duration_ms(least),
                       format_duration_ms(most)));
  return least;
}

std::vector<TomlValue> TomlValue::items() const {
  const toml::array* array = node_->as_array();
  if (array == nullptr) return expected("an array"), std::vector<TomlValue>{};
  std::vector<TomlValue> items;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const toml::node& node = *array->get(i);
    items.emplace_back(fmt::format("{}[{}]", key_, i), "", line_of(node.source()), &node,
                       *complaints_);
  }
  return items;
}

TomlTable TomlValue::table() const {
  static const toml::table empty;
  const toml::table* table = node_->as_table();
  if (table == nullptr) expected("a table");
  return TomlTable(table == nullptr ? empty : *table, key_, line_, *complaints_);
}

void TomlValue::expected(std::string_view what, std::string_view more) const {
  wrong(fmt::format("expected {}, found {}{}", what, found(), more));
}

void TomlValue::wrong(std::string_view sentence) const {
  complaints_->wrong(line_, fmt::format("key '{}': {}", escape(key_, kShown), sentence));
}

std::string TomlValue::found() const {
  if (const auto* text = node_->as_string()) {
    return fmt::format("\"{}\"", escape(text->get(), kShown));
  }
  if (const auto* number = node_->as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node_->as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node_->as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* array = node_->as_array()) return array->empty() ? "an empty array" : "an array";
  return node_->is_table() ? "a table" : "a date or time";
}

TomlTable::TomlTable(const toml::table& table, std::string prefix, std::uint32_t line,
                     Complaints& complaints)
    : table_(&table), prefix_(std::move(prefix)), line_(line), complaints_(&complaints) {}

std::string TomlTable::full(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : fmt::format("{}.{}", prefix_, key);
}

TomlValue TomlTable::operator[](std::string_view key) {
  known_.emplace(key);
  const toml::node* node = table_->get(key);
  return TomlValue(full(key), std::string(key), node == nullptr ? line_ : line_of(node->source()),
                   node, *complaints_);
}

std::vector<TomlValue> TomlTable::entries() {
  std::vector<std::pair<toml::source_position, TomlValue>> found;
  for (const auto& [key, node] : *table_) {
    found.emplace_back(key.source().begin, (*this)[key.str()]);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<TomlValue> entries;
  for (auto& [position, value] : found) entries.push_back(std::move(value));
  return entries;
}

void TomlTable::missing(std::string_view key, std::string_view sentence) {
  complaints_->missing(line_, fmt::format("key '{}' is missing: {}", full(key), sentence));
}

void TomlTable::finish() {
  const std::vector<std::string> known(known_.begin(), known_.end());
  for (const auto& [key, node] : *table_) {
    if (known_.contains(key.str())) continue;
    if (prefix_.empty() && key.str().starts_with("x-")) continue;
    complaints_->wrong(line_of(key.source()),
                       fmt::format("unknown key '{}'{}", escape(full(key.str()), kShown),
                                   suggestion(key.str(), known)));
  }
}

Result<toml::table> parse_toml(std::string_view text, const std::string& where) {
  if (text.size() > kMaxTomlBytes) {
    return usage_error(
        ErrorCode::kScenario,
        fmt::format("{}:1: larger than 1 MiB, the most that a scenario may be", where));
  }
  if (text.starts_with("\xef\xbb\xbf") || text.starts_with("\xff\xfe") ||
      text.starts_with("\xfe\xff")) {
    return at_offset(where, text, 0, "begins with a byte order mark; save it as plain UTF-8");
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return at_offset(where, text, nul, "a NUL byte; a scenario is a text file");
  }
  if (const std::size_t bad = first_invalid_utf8(text); bad != std::string_view::npos) {
    return at_offset(where, text, bad, "not valid UTF-8");
  }
  if (const std::size_t deep = first_deep_line(text); deep != std::string_view::npos) {
    return at_offset(where, text, deep,
                     fmt::format("more than {} dots in a line; expected tables that are not nested "
                                 "so deep",
                                 kDotsMax));
  }
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return usage_error(ErrorCode::kNotToml,
                       fmt::format("{}:{}: not valid TOML: {}", where, line_of(error.source()),
                                   in_one_line(error.description())));
  }
}

}  // namespace lockproof
