// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <fmt/format.h>

#include <limits>

#include "core/text.h"

namespace lockproof {
namespace {

// Brackets that are open at the deepest place. Counted before parsing, so that a hostile nesting
// costs no more than one look at each byte.
int nesting(std::string_view text) {
  int open = 0;
  int deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++open);
    } else if (c == ']' || c == '}') {
      --open;
    }
  }
  return deepest;
}

Error expected(const std::string& key, std::string_view what, const JsonReader& found) {
  return usage_error(
      ErrorCode::kHistory,
      fmt::format("expected '{}' to be {}, not {}", key, what,
                  escape(found.dump(-1, ' ', true, JsonReader::error_handler_t::replace), 40)));
}

// One name of a closed list; `read` gives nothing for a name that is not in it.
template <class Value, class Read>
Result<Value> named_member(const JsonReader& object, const std::string& key, Value otherwise,
                           Read read) {
  const auto text = string_member(object, key);
  if (!text) return text.error();
  if (!object.contains(key)) return otherwise;
  const auto value = read(*text);
  if (!value) {
    return usage_error(
        ErrorCode::kHistory,
        fmt::format("expected '{}' to be a name that docs/HISTORY.md lists, not '{}'", key,
                    escape(*text, 40)));
  }
  return *value;
}

Result<Life> life_member(const JsonReader& object, const std::string& key) {
  const auto number = natural_member(object, key);
  if (!number) return number.error();
  if (*number > std::numeric_limits<Life>::max()) {
    return expected(key, "a life (0 to 4294967295)", object.at(key));
  }
  return static_cast<Life>(*number);
}

// Stores the value or returns the error to the caller's caller.
template <class T>
bool take(Result<T> result, T& place, Error& error) {
  if (!result) return error = result.error(), false;
  place = std::move(*result);
  return true;
}

}  // namespace

std::string to_text(const JsonWriter& document, int indent) {
  const std::string text = document.dump(indent, ' ', true, JsonWriter::error_handler_t::replace);
  // A '#' occurs only inside a string, where \u0023 means the same.
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#' && i > 0 && text[i - 1] == '#') {
      safe += "\\u0023";
    } else {
      safe += text[i];
    }
  }
  return safe;
}

Result<JsonReader> parse_json(std::string_view text, int depth,
                              const JsonReader::parser_callback_t& observer) {
  if (nesting(text) > depth) {
    return usage_error(ErrorCode::kNotJson,
                       fmt::format("expected at most {} levels of nesting", depth));
  }
  try {
    return JsonReader::parse(text, observer);
  } catch (const JsonReader::parse_error& failure) {
    return usage_error(ErrorCode::kNotJson,
                       fmt::format("expected JSON; it goes wrong at byte {}", failure.byte));
  } catch (const JsonReader::exception&) {
    return usage_error(ErrorCode::kNotJson, "expected JSON; a number is too large");
  }
}

JsonWriter event_to_json(const Event& event) {
  JsonWriter json;
  json["seq"] = event.seq;
  json["life"] = event.life;
  json["kind"] = name(event.kind);
  if (event.phase != Phase::kPoint) json["phase"] = name(event.phase);
  if (event.object != Object::kNone) json["object"] = name(event.object);
  if (event.target != kHarness) json["target"] = event.target;
  if (event.value != 0) json["value"] = event.value;
  if (!event.detail.empty()) {
    json["detail"] = first_characters(valid_utf8(event.detail), kDetailBytes);
  }
  return json;
}

Result<Event> event_from_json(const JsonReader& json) {
  if (!json.is_object())
    return usage_error(ErrorCode::kHistory, "expected an event, which is a JSON object");
  for (const char* key : {"seq", "life", "kind"}) {
    if (!json.contains(key))
      return usage_error(ErrorCode::kHistory, fmt::format("expected the event to have '{}'", key));
  }
  Event event;
  Error error{};
  const bool all =
      take(natural_member(json, "seq"), event.seq, error) &&
      take(life_member(json, "life"), event.life, error) &&
      take(named_member(json, "kind", Kind::kTick, kind_named), event.kind, error) &&
      take(named_member(json, "phase", Phase::kPoint, phase_named), event.phase, error) &&
      take(named_member(json, "object", Object::kNone, object_named), event.object, error) &&
      take(life_member(json, "target"), event.target, error) &&
      take(integer_member(json, "value"), event.value, error) &&
      take(string_member(json, "detail"), event.detail, error);
  if (!all) return error;
  event.detail = first_characters(event.detail, kDetailBytes);
  return event;
}

Result<std::string> string_member(const JsonReader& object, const std::string& key,
                                  const std::string& otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_string()) return expected(key, "a string", *found);
  return found->get<std::string>();
}

Result<bool> bool_member(const JsonReader& object, const std::string& key, bool otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_boolean()) return expected(key, "true or false", *found);
  return found->get<bool>();
}

Result<std::int64_t> integer_member(const JsonReader& object, const std::string& key,
                                    std::int64_t otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  const bool fits = found->is_number_integer() &&
                    !(found->is_number_unsigned() &&
                      found->get<std::uint64_t>() >
                          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!fits) return expected(key, "a whole number", *found);
  return found->get<std::int64_t>();
}

Result<std::uint64_t> natural_member(const JsonReader& object, const std::string& key,
                                     std::uint64_t otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) return otherwise;
  if (!found->is_number_unsigned()) return expected(key, "a whole number from 0", *found);
  return found->get<std::uint64_t>();
}

}  // namespace lockproof
