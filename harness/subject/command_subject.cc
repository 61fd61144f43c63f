// SPDX-License-Identifier: Apache-2.0
#include "subject/command_subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/text.h"

namespace lockproof {
namespace {

using Type = CommandSubject::Type;

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

// The first placeholder in the words that is none of `known`, as a sentence.
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

std::optional<Type> read_kind(TomlTable& table) {
  const TomlValue kind = table["kind"];
  constexpr const char* kKinds = "\"wrapper\", \"worker\" or \"daemon\"";
  if (!kind) return table.missing("kind", kKinds), std::nullopt;
  const std::string word = kind.is_text() ? kind.bytes() : "";
  std::vector<std::string> names;
  for (const Type type : {Type::kWrapper, Type::kWorker, Type::kDaemon}) {
    if (word == name(type)) return type;
    names.push_back(name(type));
  }
  kind.expected(kKinds, word.empty() ? "" : suggestion(word, names));
  return std::nullopt;
}

std::vector<std::string> read_argv(const TomlValue& value) {
  std::vector<std::string> words;
  for (const TomlValue& item : value.items()) words.push_back(item.bytes());
  if (words.empty() || words[0].empty()) value.expected("a program and its arguments");
  return words;
}

std::string default_name(const std::vector<std::string>& run) {
  return run.empty() ? "" : std::filesystem::path(run[0]).filename().string();
}

void read_run(TomlTable& table, CommandSubject& subject) {
  const TomlValue run = table["run"];
  if (!run) return table.missing("run", "the command, as an array of words");
  subject.run = read_argv(run);
  const std::string problem = placeholder_problem(subject);
  if (!subject.run.empty() && !problem.empty()) run.wrong(problem);
  if (const TomlValue exits = table["busy_exit"]) {
    for (const TomlValue& item : exits.items()) {
      subject.busy_exit.push_back(static_cast<int>(item.number(0, 255)));
    }
  }
  if (const TomlValue probe = table["probe"]) {
    subject.probe = read_argv(probe);
    const std::string unknown = unknown_placeholder(subject.probe, {"{here}"});
    if (!unknown.empty()) probe.wrong(unknown);
  }
}

void read_says(TomlTable& table, CommandSubject& subject) {
  const TomlValue value = table["says"];
  if (!value) return;
  if (subject.type != Type::kWorker) return value.wrong("only a worker says words");
  TomlTable says = value.table();
  for (auto [key, word] : {std::pair{"acquired", &subject.says_acquired},
                           {"busy", &subject.says_busy},
                           {"released", &subject.says_released}}) {
    if (const TomlValue said = says[key]) *word = said.line();
  }
  says.finish();
  if (subject.says_acquired == subject.says_busy || subject.says_busy == subject.says_released ||
      subject.says_released == subject.says_acquired) {
    value.wrong("the three words must differ");
  }
}

// A file of the subject's, as "{dir}/NAME".
std::string read_place(TomlTable& table, std::string_view key) {
  const TomlValue value = table[key];
  if (!value) return "";
  constexpr std::string_view kDir = "{dir}/";
  const std::string place = value.line();
  if (place.empty()) return "";
  if (!place.starts_with(kDir) || place.size() == kDir.size()) {
    value.expected("a file below \"{dir}/\"");
  } else if (place.find("..") != std::string::npos) {
    value.wrong("must not contain \"..\"");
  } else if (place.find_first_of("{}", kDir.size()) != std::string::npos) {
    value.wrong("only {dir} can stand in a file's name");
  }
  return place;
}

}  // namespace

std::string name(Type type) {
  switch (type) {
    case Type::kWrapper:
      return "wrapper";
    case Type::kWorker:
      return "worker";
    case Type::kDaemon:
      return "daemon";
  }
  return "";
}

std::string placeholder_problem(const CommandSubject& subject) {
  const std::string unknown = unknown_placeholder(subject.run, {"{dir}", "{here}", "{critical}"});
  if (!unknown.empty()) return unknown;
  const int count = count_critical(subject.run);
  if (subject.type == Type::kWorker && count > 0) {
    return "a worker says itself that it owns, so {critical} has no place in it";
  }
  if (subject.type != Type::kWorker && count != 1) {
    return fmt::format("a {} must run {{critical}} exactly once, found {}", name(subject.type),
                       count == 0 ? "none" : fmt::format("{} of it", count));
  }
  return "";
}

std::optional<CommandSubject> read_command_subject(TomlTable table) {
  CommandSubject subject;
  const std::optional<Type> type = read_kind(table);
  // Without the kind the other keys cannot be judged, so they are not; one complaint is enough.
  if (!type) return std::nullopt;
  subject.type = *type;
  read_run(table, subject);
  read_says(table, subject);
  subject.name = default_name(subject.run);
  if (const TomlValue name = table["name"]) subject.name = name.line();
  if (const TomlValue package = table["package"]) subject.package = package.line();
  subject.record = read_place(table, "record");
  subject.lock = read_place(table, "lock");
  table.finish();
  return subject;
}

}  // namespace lockproof
