// SPDX-License-Identifier: Apache-2.0
#include "subject/placeholders.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "subject/command_subject.h"

namespace lockproof {
namespace {

// The placeholder that begins at the first brace of `word` at or after `at`: {name}. What a shell
// knows as ${name}, and braces around anything else than a simple name, are not ours.
std::string next_placeholder(std::string_view word, std::size_t& at) {
  constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  while ((at = word.find('{', at)) != std::string_view::npos) {
    const std::size_t begin = at++;
    const std::size_t end = word.find_first_not_of(kNameCharacters, at);
    const bool of_a_shell = begin > 0 && word[begin - 1] == '$';
    const bool named = end != std::string_view::npos && end > at && word[end] == '}';
    if (!named || of_a_shell || (word[at] >= '0' && word[at] <= '9')) continue;
    return std::string(word.substr(begin, end + 1 - begin));
  }
  return "";
}

int count_critical(const std::vector<std::string>& words) {
  int count = 0;
  for (const std::string& word : words) {
    std::size_t at = 0;
    for (std::string found; !(found = next_placeholder(word, at)).empty();) {
      if (found == "{critical}") ++count;
    }
  }
  return count;
}

}  // namespace

std::string unknown_placeholder(const std::vector<std::string>& words,
                                const std::vector<std::string>& known) {
  for (const std::string& word : words) {
    std::size_t at = 0;
    for (std::string found; !(found = next_placeholder(word, at)).empty();) {
      if (std::find(known.begin(), known.end(), found) == known.end()) {
        return fmt::format("unknown placeholder {}{}", found, suggestion(found, known));
      }
    }
  }
  return "";
}

std::string placeholder_problem(const CommandSubject& subject) {
  const std::string unknown = unknown_placeholder(subject.run, {"{dir}", "{here}", "{critical}"});
  if (!unknown.empty()) return unknown;
  const int count = count_critical(subject.run);
  if (subject.type == CommandSubject::Type::kWorker && count > 0) {
    return "a worker says itself that it owns, so {critical} has no place in it";
  }
  if (subject.owners_by != CommandSubject::Owners::kCritical) {
    return count == 0 ? "" : "'owners' says who owns, so {critical} has no place in it";
  }
  if (subject.type != CommandSubject::Type::kWorker && count != 1) {
    return fmt::format("a {} must run {{critical}} exactly once, found {}", name(subject.type),
                       count == 0 ? "none" : fmt::format("{} of it", count));
  }
  return "";
}

}  // namespace lockproof
