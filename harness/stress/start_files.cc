// SPDX-License-Identifier: Apache-2.0
#include "stress/start_files.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

namespace lockproof {
namespace {

pid_t dead_pid() {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  return pid;
}

bool known(const std::string& state) {
  static const std::set<std::string> states = {"absent", "dead", "empty", "torn", "garbage"};
  return states.contains(state) || (state.size() >= 2 && state.front() == '\'');
}

// Nothing: no file. REQUIRES: known(state).
std::optional<std::string> content_of(const std::string& state) {
  if (state == "absent") return std::nullopt;
  if (state == "empty") return "";
  if (state == "dead") return fmt::format("{}\n", dead_pid());
  if (state == "torn") return fmt::format("{}", dead_pid()).substr(0, 1);
  if (state == "garbage") return std::string("\xff\x00\x7fgarbage", 10);
  return state.substr(1, state.size() - 2);  // 'literal'
}

std::string name_of(const std::string& key, const Builtin* builtin) {
  if (builtin != nullptr && key == "record") return std::string(builtin->record);
  if (builtin != nullptr && key == "lock") return std::string(builtin->lock);
  return key;
}

}  // namespace

Result<> lay_start_files(const Scenario& scenario, const std::string& dir) {
  for (const auto& [key, state] : scenario.files) {
    const std::string name = name_of(key, scenario.subject.builtin);
    if (name.empty()) {
      return environment_error(
          ErrorCode::kStartFiles,
          fmt::format("files.{}: subject '{}' has no such file", key, scenario.subject.name()));
    }
    if (!known(state)) {
      return environment_error(
          ErrorCode::kStartFiles,
          fmt::format("files.{} = \"{}\" cannot be laid down in a stress run", key, state));
    }
    const auto content = content_of(state);
    if (!content) continue;
    const std::filesystem::path path = dir + "/" + name;
    std::error_code failed;
    std::filesystem::create_directories(path.parent_path(), failed);
    std::ofstream file(path, std::ios::binary);
    file << *content;
    if (!file.flush()) {
      return environment_error(ErrorCode::kNotWritten,
                               fmt::format("cannot write {}/{}", dir, name));
    }
  }
  return Nothing{};
}

}  // namespace lockproof
