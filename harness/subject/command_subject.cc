// SPDX-License-Identifier: Apache-2.0
#include "subject/command_subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/pattern.h"
#include "core/text.h"
#include "subject/placeholders.h"
#include "subject/record_reader.h"

namespace lockproof {
namespace {

using Type = CommandSubject::Type;

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

std::vector<std::string> read_argv(const TomlValue& value,
                                   const std::vector<std::string>& placeholders) {
  std::vector<std::string> words;
  for (const TomlValue& item : value.items()) words.push_back(item.bytes());
  if (words.empty() || words[0].empty()) value.expected("a program and its arguments");
  const std::string unknown = unknown_placeholder(words, placeholders);
  if (!unknown.empty()) value.wrong(unknown);
  return words;
}

std::string default_name(const std::vector<std::string>& run) {
  return run.empty() ? "" : std::filesystem::path(run[0]).filename().string();
}

// A daemon's may be called by what it is beside `stop` and `status`.
TomlValue run_of(TomlTable& table, CommandSubject::Type type) {
  const TomlValue run = table["run"];
  if (type != Type::kDaemon) return run;
  const TomlValue start = table["start"];
  if (run && start) start.wrong("'run' says the same; expected one of them");
  return run ? run : start;
}

void read_run(TomlTable& table, CommandSubject& subject) {
  const TomlValue run = run_of(table, subject.type);
  if (!run) return table.missing("run", "the command, as an array of words");
  subject.run = read_argv(run, {"{dir}", "{here}", "{critical}"});
  const std::string problem = placeholder_problem(subject);
  if (!subject.run.empty() && !problem.empty()) run.wrong(problem);
  if (const TomlValue exits = table["busy_exit"]) {
    for (const TomlValue& item : exits.items()) {
      subject.busy_exit.push_back(static_cast<int>(item.number(0, 255)));
    }
  }
  if (const TomlValue probe = table["probe"]) subject.probe = read_argv(probe, {"{here}"});
}

void read_owners(const TomlValue& value, CommandSubject& subject) {
  using Owners = CommandSubject::Owners;
  subject.owners_by = Owners::kArgv;  // whatever is wrong with it, it is not {critical}
  TomlTable owners = value.table();
  const TomlValue argv = owners["argv"];
  const TomlValue ready = owners["ready"];
  owners.finish();
  if (argv && ready) return value.wrong("expected one of 'argv' and 'ready', found both");
  if (argv) {
    subject.owners = argv.bytes();
    const auto pattern = Pattern::make(subject.owners);
    if (!pattern.ok()) argv.wrong("the pattern " + pattern.error().sentence);
  } else if (ready) {
    subject.owners_by = Owners::kReady;
    subject.owners = ready.line();
  } else if (value.is_table()) {
    value.wrong("expected { argv = \"PATTERN\" } or { ready = \"LINE\" }, found neither");
  }
}

void read_loser(const TomlValue& value, CommandSubject& subject) {
  using Loser = CommandSubject::Loser;
  const std::string word = value.is_text() ? value.bytes() : "";
  std::vector<std::string> names;
  for (const Loser loser : {Loser::kExits, Loser::kStays, Loser::kReuses}) {
    if (word == name(loser)) subject.loser = loser;
    names.push_back(name(loser));
  }
  if (word != name(subject.loser)) {
    return value.expected("\"exits\", \"stays\" or \"reuses\"", suggestion(word, names));
  }
  if (subject.loser == Loser::kStays && subject.owners_by != CommandSubject::Owners::kReady) {
    value.wrong(
        "who stays without owning is told from an owner by a line alone: it needs "
        "owners = { ready = \"LINE\" }");
  }
}

// What only daemons have.
void read_daemon(TomlTable& table, CommandSubject& subject) {
  const TomlValue stop = table["stop"];
  const TomlValue status = table["status"];
  const TomlValue owners = table["owners"];
  const TomlValue loser = table["loser"];
  if (subject.type != Type::kDaemon) {
    for (const TomlValue& value : {stop, status, owners, loser}) {
      if (value) value.wrong(fmt::format("only a daemon has '{}'", value.name()));
    }
    return;
  }
  if (stop) subject.stop = read_argv(stop, {"{dir}", "{here}"});
  if (status) subject.status = read_argv(status, {"{dir}", "{here}"});
  if (owners) read_owners(owners, subject);
  if (loser) read_loser(loser, subject);
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
std::string read_place(const TomlValue& value) {
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

// A file, or where it is and how it names a pid.
void read_record(const TomlValue& value, CommandSubject& subject) {
  if (!value.is_table()) {
    subject.record = read_place(value);
    return;
  }
  TomlTable record = value.table();
  if (const TomlValue path = record["path"]) {
    subject.record = read_place(path);
  } else {
    record.missing("path", "the file that names the owner, \"{dir}/...\"");
  }
  if (const TomlValue how = record["read"]) {
    subject.record_read = how.bytes();
    const auto reader = record_reader(subject.record_read);
    if (!reader.ok()) how.wrong(reader.error().sentence);
  }
  record.finish();
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

std::string name(CommandSubject::Loser loser) {
  switch (loser) {
    case CommandSubject::Loser::kExits:
      return "exits";
    case CommandSubject::Loser::kStays:
      return "stays";
    case CommandSubject::Loser::kReuses:
      return "reuses";
  }
  return "";
}

std::optional<CommandSubject> read_command_subject(TomlTable table) {
  CommandSubject subject;
  const std::optional<Type> type = read_kind(table);
  // Without the kind the other keys cannot be judged, so they are not; one complaint is enough.
  if (!type) return std::nullopt;
  subject.type = *type;
  read_daemon(table, subject);
  read_run(table, subject);
  read_says(table, subject);
  subject.name = default_name(subject.run);
  if (const TomlValue name = table["name"]) subject.name = name.line();
  if (const TomlValue package = table["package"]) subject.package = package.line();
  read_record(table["record"], subject);
  subject.lock = read_place(table["lock"]);
  table.finish();
  return subject;
}

}  // namespace lockproof
