// SPDX-License-Identifier: Apache-2.0
#include "check/stand_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "check/left_behind.h"
#include "subject/expand_command.h"
#include "subject/shell_words.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRun = "run", kStop = "stop", kStatus = "status";
constexpr const char* kShell = "/bin/sh";

void does_nothing(Session&) {}

bool has(const std::vector<std::string>& verbs, std::string_view verb) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

bool is_below(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

// A run covers it with a directory of its own, so nothing in it may be needed. The same one on
// every host where nothing is special, so that runs look the same.
std::string free_folder(const std::vector<std::string>& needed) {
  for (const char* folder : {"/mnt", "/srv", "/media"}) {
    std::error_code gone;
    const bool is_needed = std::any_of(needed.begin(), needed.end(), [&](const std::string& path) {
      return path.find(std::string(folder) + "/") != path.npos || is_below(path, folder);
    });
    if (fs::is_directory(folder, gone) && !is_needed) return folder;
  }
  return "";
}

// How its processes say who owns.
void hear(const CommandSubject& subject, Command& command) {
  using Owners = CommandSubject::Owners;
  using Hears = Command::Hears;
  command.hears = subject.type == CommandSubject::Type::kWorker ? Hears::kWords
                  : subject.owners_by == Owners::kArgv          ? Hears::kRest
                  : subject.owners_by == Owners::kReady         ? Hears::kReady
                                                                : Hears::kOwner;
  command.busy_exit = subject.busy_exit;
  command.acquired = subject.says_acquired;
  command.busy = subject.says_busy;
  command.released = subject.says_released;
  // Such a pattern was tried when the scenario was read.
  if (command.hears == Hears::kRest) command.owners = *Pattern::make(subject.owners);
  if (command.hears == Hears::kReady) command.ready = subject.owners;
  command.loser_stays = subject.loser == CommandSubject::Loser::kStays;
  command.loser_reuses = subject.loser == CommandSubject::Loser::kReuses;
}

std::string below_directory(const std::string& place) {
  return place.empty() ? "" : place.substr(std::string("{dir}/").size());
}

}  // namespace

Result<std::unique_ptr<StandIn>> stand_in_for(const Scenario& scenario, const std::string& owner) {
  const CommandSubject& subject = *scenario.subject.command;
  const bool has_critical = subject.type != CommandSubject::Type::kWorker &&
                            subject.owners_by == CommandSubject::Owners::kCritical;
  if (has_critical && owner.empty()) {
    return usage_error(ErrorCode::kIncomplete,
                       fmt::format("{}: there is no program for {{critical}}", scenario.name));
  }
  std::vector<std::string> needed = {fs::current_path().string()};
  for (const auto* words : {&subject.run, &subject.stop, &subject.status}) {
    const std::vector<std::string> expanded = expand_words(scenario, *words, "", {owner});
    needed.insert(needed.end(), expanded.begin(), expanded.end());
  }
  const std::string directory = free_folder(needed);
  if (directory.empty()) {
    return usage_error(
        ErrorCode::kNamespaces,
        fmt::format(
            "{}: a run covers one of /mnt, /srv and /media, and the command needs all of them",
            scenario.name));
  }
  auto stand_in = std::make_unique<StandIn>();
  stand_in->scenario = scenario;
  stand_in->name = subject.name;
  stand_in->record = below_directory(subject.record);
  stand_in->lock = below_directory(subject.lock);
  stand_in->builtin = {
      .name = stand_in->name,
      .summary = "",
      .verbs = {{kRun, &does_nothing, stand_in->launches() ? Role::kLauncher : Role::kContender},
                {kStop, &does_nothing, Role::kStopper},
                {kStatus, &does_nothing}},
      .record = stand_in->record,
      .lock = stand_in->lock};
  stand_in->owner = owner;
  stand_in->directory = directory;
  return stand_in;
}

bool StandIn::launches() const {
  return scenario.subject.command->owners_by != CommandSubject::Owners::kCritical;
}

Command StandIn::command(const std::vector<std::string>& verbs) const {
  const CommandSubject& subject = *scenario.subject.command;
  const auto words_of = [&](const std::string& verb) {
    const auto& words = verb == kStop     ? subject.stop
                        : verb == kStatus ? subject.status
                                          : subject.run;
    return expand_words(scenario, words, directory, {owner});
  };
  Command command;
  command.directory = directory;
  if (verbs.size() == 1) {
    command.argv = words_of(verbs.front());
  } else {
    std::string line;
    for (const std::string& verb : verbs) {
      line += (line.empty() ? "" : "; ") + std::string(&verb == &verbs.back() ? "exec " : "") +
              join_words(words_of(verb));
    }
    command.argv = {kShell, "-c", line};
  }
  command.does = has(verbs, kRun)    ? Command::Does::kStart
                 : has(verbs, kStop) ? Command::Does::kStop
                                     : Command::Does::kAsk;
  hear(subject, command);
  return command;
}

Role StandIn::role_of(const std::vector<std::string>& verbs) const {
  return builtin.role_of(has(verbs, kRun) ? std::vector<std::string>{std::string(kRun)} : verbs);
}

Result<std::string> left_by_command(std::string_view state, int self) {
  const bool of_dead = state == "dead" || state == "recycled" || state == "torn";
  if (!of_dead && state != "self") {
    return usage_error(
        ErrorCode::kStartFiles,
        fmt::format(
            "\"{}\": expected absent, dead, recycled, self, torn, empty, garbage, or 'text'",
            state));
  }
  std::string text = fmt::format("{}\n", of_dead ? kFormerPid : self);
  if (state == "torn") text.resize(text.size() / 2);
  return text;
}

}  // namespace lockproof
