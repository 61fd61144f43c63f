// SPDX-License-Identifier: Apache-2.0
#include "check/stand_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "check/left_behind.h"
#include "subject/expand_command.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

void does_nothing(Session&) {}

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

std::string below_directory(const std::string& place) {
  return place.empty() ? "" : place.substr(std::string("{dir}/").size());
}

}  // namespace

Result<std::unique_ptr<StandIn>> stand_in_for(const Scenario& scenario, const std::string& owner) {
  const CommandSubject& subject = *scenario.subject.command;
  const bool wraps = subject.type != CommandSubject::Type::kWorker;
  if (wraps && owner.empty()) {
    return usage_error(fmt::format("{}: there is no program for {{critical}}", scenario.name));
  }
  std::vector<std::string> needed = expand_command(scenario, "", {owner});
  needed.push_back(fs::current_path().string());
  const std::string directory = free_folder(needed);
  if (directory.empty()) {
    return usage_error(fmt::format(
        "{}: a run covers one of /mnt, /srv and /media, and the command needs all of them",
        scenario.name));
  }
  auto stand_in = std::make_unique<StandIn>();
  stand_in->name = subject.name;
  stand_in->record = below_directory(subject.record);
  stand_in->lock = below_directory(subject.lock);
  stand_in->builtin = {.name = stand_in->name,
                       .summary = "",
                       .verbs = {{"run", &does_nothing}},
                       .record = stand_in->record,
                       .lock = stand_in->lock};
  Command& command = stand_in->command;
  command.argv = expand_command(scenario, directory, {owner});
  command.directory = directory;
  command.hears = wraps ? Command::Hears::kOwner : Command::Hears::kWords;
  command.busy_exit = subject.busy_exit;
  command.acquired = subject.says_acquired;
  command.busy = subject.says_busy;
  command.released = subject.says_released;
  return stand_in;
}

Result<std::string> left_by_command(std::string_view state, int self) {
  const bool of_dead = state == "dead" || state == "recycled" || state == "torn";
  if (!of_dead && state != "self") {
    return usage_error(fmt::format(
        "\"{}\": expected absent, dead, recycled, self, torn, empty, garbage, or 'text'", state));
  }
  std::string text = fmt::format("{}\n", of_dead ? kFormerPid : self);
  if (state == "torn") text.resize(text.size() / 2);
  return text;
}

}  // namespace lockproof
