// SPDX-License-Identifier: Apache-2.0
#include "core/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <limits>

namespace lockproof {
namespace {

constexpr std::uint8_t kActors = 52;

std::uint32_t fnv1a(std::string_view bytes) {
  std::uint32_t hash = 2166136261u;
  for (unsigned char byte : bytes) hash = (hash ^ byte) * 16777619u;
  return hash;
}

char letter(std::uint8_t actor) {
  return static_cast<char>(actor < 26 ? 'A' + actor : 'a' + (actor - 26));
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_scenario_char(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '/' || c == '-' || c == '.';
}

// A whole number without sign or leading zero, at most `limit`; -1 if it is none.
long whole_number(std::string_view text, long limit) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return -1;
  long number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = error == std::errc() && end == text.data() + text.size();
  return all && number >= 0 && number <= limit ? number : -1;
}

Error refuse(std::string_view what) {
  return usage_error(
      ErrorCode::kSchedule,
      fmt::format("schedule: {}; expected FAMILY/FILE@vN:CHOICES~CHECK, as a report prints it",
                  what));
}

Result<std::vector<Choice>> decode_choices(std::string_view text) {
  std::vector<Choice> choices;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_letter(text[i])) {
      return refuse(fmt::format("choice {} does not begin with a letter", choices.size() + 1));
    }
    Choice choice;
    choice.actor = static_cast<std::uint8_t>(text[i] >= 'a' ? text[i] - 'a' + 26 : text[i] - 'A');
    ++i;
    if (i < text.size() && text[i] == '.') {
      const std::size_t begin = ++i;
      while (i < text.size() && is_digit(text[i])) ++i;
      const long number =
          whole_number(text.substr(begin, i - begin), std::numeric_limits<std::uint16_t>::max());
      if (number < 1) {
        return refuse(fmt::format("choice {} has no valid alternative", choices.size() + 1));
      }
      choice.alternative = static_cast<std::uint16_t>(number);
    }
    choices.push_back(choice);
  }
  return choices;
}

}  // namespace

std::string encode(const Schedule& schedule) {
  assert(std::all_of(schedule.scenario.begin(), schedule.scenario.end(), is_scenario_char));
  std::string text = fmt::format("{}@v{}:", schedule.scenario, schedule.version);
  for (const Choice& choice : schedule.choices) {
    assert(choice.actor < kActors);
    text += letter(choice.actor);
    if (choice.alternative != 0) text += fmt::format(".{}", choice.alternative);
  }
  return fmt::format("{}~{:08x}", text, fnv1a(text));
}

Result<Schedule> decode(std::string_view text) {
  if (text.size() > kScheduleBytes) {
    return refuse(fmt::format("{} bytes are more than {}", text.size(), kScheduleBytes));
  }
  const std::size_t tilde = text.rfind('~');
  if (tilde == std::string_view::npos) return refuse("the check after '~' is missing");
  const std::string_view body = text.substr(0, tilde);
  if (text.substr(tilde + 1) != fmt::format("{:08x}", fnv1a(body))) {
    return refuse("its check does not fit, so it was cut or mistyped");
  }
  const std::size_t at = body.find('@');
  const std::size_t colon = body.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at ||
      body.substr(at, 2) != "@v") {
    return refuse("there is no '@vN:'");
  }
  Schedule schedule;
  schedule.scenario = body.substr(0, at);
  if (schedule.scenario.empty() ||
      !std::all_of(schedule.scenario.begin(), schedule.scenario.end(), is_scenario_char)) {
    return refuse("the scenario's name is not one");
  }
  const long version = whole_number(body.substr(at + 2, colon - at - 2), 1'000'000);
  if (version < 1) return refuse("the version is not a number");
  schedule.version = static_cast<int>(version);
  auto choices = decode_choices(body.substr(colon + 1));
  if (!choices) return choices.error();
  schedule.choices = std::move(*choices);
  return schedule;
}

}  // namespace lockproof
