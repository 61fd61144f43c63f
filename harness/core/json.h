// SPDX-License-Identifier: Apache-2.0
// JSON as all our files have it: how an event looks, and how a document becomes text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/event.h"
#include "core/result.h"

namespace lockproof {

using JsonWriter = nlohmann::ordered_json;  // members stay in the order in which they were added
using JsonReader = nlohmann::json;          // logarithmic, whatever a file holds

// As text of plain ASCII that a CI service cannot take for a command ("##vso[" is written with
// \u0023), so that a report may be printed into a log. Strings must be UTF-8: see valid_utf8().
std::string to_text(const JsonWriter& document, int indent = -1);

// Parses one document that is not nested deeper than `depth`; the error says at which byte.
// `observer` sees the members as they stand in the text (see nlohmann's parser_callback_t).
Result<JsonReader> parse_json(std::string_view text, int depth,
                              const JsonReader::parser_callback_t& observer = nullptr);

// Members with the value that an absent one means are left out.
JsonWriter event_to_json(const Event& event);
// Members that are not known are ignored. The error is "expected ...", without a place.
Result<Event> event_from_json(const JsonReader& json);

// One typed member. Absent: `otherwise`. Another type or out of range: an error that says so.
Result<std::string> string_member(const JsonReader& object, const std::string& key,
                                  const std::string& otherwise = "");
Result<bool> bool_member(const JsonReader& object, const std::string& key, bool otherwise = false);
Result<std::int64_t> integer_member(const JsonReader& object, const std::string& key,
                                    std::int64_t otherwise = 0);
Result<std::uint64_t> natural_member(const JsonReader& object, const std::string& key,
                                     std::uint64_t otherwise = 0);

}  // namespace lockproof
