// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario_draft.h"

#include <fmt/format.h>

#include "core/pattern.h"
#include "core/text.h"
#include "subject/command_subject.h"
#include "subject/scenario_write.h"

namespace lockproof {
namespace {

using Type = CommandSubject::Type;
using Owners = CommandSubject::Owners;

std::string what_it_is(const CommandSubject& subject) {
  if (subject.type == Type::kWrapper) return "it holds its lock while it runs {critical}";
  if (subject.type == Type::kWorker) {
    return "it prints a line when it owns, and gives up at the end of its input";
  }
  return subject.owners_by == Owners::kCritical ? "it leaves {critical} running, which owns"
                                                : "it leaves the owner running";
}

class Lines {
 public:
  void set(std::string_view key, const std::string& value, std::string_view comment = "") {
    add(fmt::format("{} = {}", key, value), comment);
  }
  void add(std::string line, std::string_view comment = "") {
    if (!comment.empty()) line += fmt::format("  # {}", comment);
    text_ += line + "\n";
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

void add_daemon(const CommandSubject& subject, Lines& lines) {
  if (subject.owners_by == Owners::kArgv) {
    lines.set("owners", fmt::format("{{ argv = {} }}", toml_string(subject.owners)),
              "who owns: the command line of one that waits for signals");
  } else if (subject.owners_by == Owners::kReady) {
    lines.set("owners", fmt::format("{{ ready = {} }}", toml_string(subject.owners)),
              "who owns: who has printed that line");
  }
  if (subject.loser != CommandSubject::Loser::kExits) {
    lines.set("loser", toml_string(name(subject.loser)),
              "it ends with 0, too, and leaves nobody behind");
  }
  if (!subject.stop.empty()) lines.set("stop", toml_array(subject.stop));
  if (!subject.status.empty()) lines.set("status", toml_array(subject.status));
}

}  // namespace

std::string draft_scenario(const CommandSubject& subject, const std::string& tried) {
  Lines lines;
  lines.add("# Written by `lockproof init`. All keys: man 5 lockproof-scenario");
  lines.add("# Tried: " + escape(tried, 400));
  const bool by_itself = subject.owners_by != Owners::kCritical;
  if (!by_itself) {
    lines.add(
        "# Faults, unless [faults] says otherwise: a kill, a SIGTERM, a SIGSTOP, at any time");
  }
  lines.set("title", toml_string(subject.name + ": one owner at a time"));
  const std::string verbs =
      subject.stop.empty() ? R"(["run", "run"])" : R"(["run", ["stop", "run"]])";
  lines.set("cast", verbs, "two contend, and then a late one; more take longer");
  lines.add("[subject]");
  lines.set("kind", toml_string(name(subject.type)), what_it_is(subject));
  lines.set("run", toml_array(subject.run));
  add_daemon(subject, lines);
  if (subject.type == Type::kWorker && subject.says_acquired != CommandSubject().says_acquired) {
    lines.set("says",
              fmt::format("{{ acquired = {}, busy = {}, released = {} }}",
                          toml_string(subject.says_acquired), toml_string(subject.says_busy),
                          toml_string(subject.says_released)));
  }
  if (!subject.busy_exit.empty()) {
    lines.set("busy_exit", fmt::format("[{}]", subject.busy_exit.front()),
              "what it ends with while another one owns");
  }
  if (!subject.record.empty()) {
    lines.set("record", toml_string(subject.record), "it must name the owner while there is one");
  }
  // It is told to end by its own `stop`; what a SIGTERM would do to it in the midst of its start is
  // the same, and takes long to learn.
  if (by_itself) {
    lines.add("[faults]");
    lines.set("kill", "1", "of whoever has begun, at any time");
  }
  return std::move(lines).text();
}

std::string pattern_of(const std::string& command_line) {
  constexpr std::size_t kMost = Pattern::kMostBytes - 8;
  std::string pattern = "^";
  for (std::size_t at = 0; at < command_line.size(); ++at) {
    const char c = command_line[at];
    if (pattern.size() > kMost) return pattern;  // of a longer one the beginning
    const std::string_view rest = std::string_view(command_line).substr(at);
    if (rest.starts_with("{dir}") || rest.starts_with("{here}")) {
      pattern += ".*";
      at += rest.find('}');
    } else if (c == '\\' || c == '^' || c == ']') {
      pattern += {'\\', c};
    } else if (std::string_view("$.|?*+()[{}").find(c) != std::string_view::npos) {
      pattern += {'[', c, ']'};
    } else {
      pattern += c;
    }
  }
  return pattern + "$";
}

}  // namespace lockproof
