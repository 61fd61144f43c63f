// SPDX-License-Identifier: Apache-2.0
#include "core/history.h"

#include <fmt/format.h>

#include <optional>

#include "core/json.h"
#include "core/text.h"

namespace lockproof {
namespace {

constexpr std::size_t kLineBytes = 1024 * 1024;
constexpr int kDepth = 8;  // an event is flat; the rest is room for members of later versions

enum class Line { kRead, kEnd, kTooLong };

// std::getline with a bound: a file without newlines costs 1 MiB, not its length.
Line read_line(std::istream& in, std::string& line) {
  line.clear();
  std::streambuf& buffer = *in.rdbuf();
  for (int byte = buffer.sbumpc(); byte != std::char_traits<char>::eof(); byte = buffer.sbumpc()) {
    if (byte == '\n') return Line::kRead;
    if (line.size() == kLineBytes) return Line::kTooLong;
    line += static_cast<char>(byte);
  }
  return line.empty() ? Line::kEnd : Line::kRead;
}

// nullopt: it is a header of ours, and `history` has what it says.
std::optional<Error> read_header(const JsonReader& json, History& history) {
  if (!json.is_object() || !json.contains("schema")) {
    return usage_error(ErrorCode::kHistory,
                       "expected a header such as {\"schema\":1,\"kind\":\"history\"}");
  }
  const auto schema = natural_member(json, "schema");
  if (!schema) return schema.error();
  if (*schema < 1 || *schema > kHistorySchema) {
    return usage_error(ErrorCode::kHistory,
                       fmt::format("schema {} is not known; expected 1 to {} (a newer lockproof "
                                   "may have written this)",
                                   *schema, kHistorySchema));
  }
  const auto kind = string_member(json, "kind");
  if (!kind) return kind.error();
  if (*kind != "history") {
    return usage_error(ErrorCode::kHistory,
                       fmt::format("expected 'kind' to be 'history', not '{}'", escape(*kind, 40)));
  }
  const auto excerpt = bool_member(json, "excerpt");
  if (!excerpt) return excerpt.error();
  history.excerpt = *excerpt;
  for (const auto& [key, place] :
       {std::pair{"scenario", &history.scenario}, std::pair{"subject", &history.subject},
        std::pair{"world", &history.world}}) {
    auto text = string_member(json, key);
    if (!text) return text.error();
    *place = std::move(*text);
  }
  return std::nullopt;
}

std::optional<Error> read_event(const JsonReader& json, History& history) {
  auto event = event_from_json(json);
  if (!event) return event.error();
  const std::uint64_t last = history.events.empty() ? 0 : history.events.back().seq;
  if (event->seq <= last) {
    return usage_error(ErrorCode::kHistory,
                       fmt::format("expected 'seq' to be above {}, not {}", last, event->seq));
  }
  history.events.push_back(std::move(*event));
  return std::nullopt;
}

}  // namespace

Result<> write_history(const History& history, std::ostream& out) {
  JsonWriter header;
  header["schema"] = kHistorySchema;
  header["kind"] = "history";
  header["scenario"] = valid_utf8(history.scenario);
  header["subject"] = valid_utf8(history.subject);
  header["world"] = valid_utf8(history.world);
  header["excerpt"] = history.excerpt;
  out << to_text(header) << '\n';
  for (const Event& event : history.events) out << to_text(event_to_json(event)) << '\n';
  if (!out.flush())
    return internal_error(ErrorCode::kNotWritten, "the history could not be written");
  return Nothing{};
}

Result<History> read_history(std::istream& in, const std::string& where) {
  History history;
  std::string line;
  std::size_t number = 0;
  const auto at_line = [&](const std::string& sentence) {
    return usage_error(ErrorCode::kHistory, fmt::format("{}:{}: {}", where, number, sentence));
  };
  for (;;) {
    const Line state = read_line(in, line);
    if (state == Line::kEnd) break;
    ++number;
    if (state == Line::kTooLong) {
      return at_line(fmt::format("expected a line of at most {} bytes", kLineBytes));
    }
    const auto json = parse_json(line, kDepth);
    if (!json) return at_line(json.error().sentence);
    const auto error = number == 1 ? read_header(*json, history) : read_event(*json, history);
    if (error) return at_line(error->sentence);
  }
  if (number == 0) {
    number = 1;
    return at_line("expected a header such as {\"schema\":1,\"kind\":\"history\"}, found nothing");
  }
  return history;
}

}  // namespace lockproof
