// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "stress/player.h"
#include "stress/stress.h"
#include "subject/expand_command.h"

namespace lockproof {
namespace {

bool in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool succeeds(const std::vector<std::string>& words) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, fd);
    become(words);
  }
  int status = -1;
  while (pid > 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

std::string missing_program(const Scenario& scenario) {
  if (!scenario.subject.command) return "";
  const CommandSubject& command = *scenario.subject.command;
  const std::string where =
      command.package.empty() ? "" : fmt::format("; it is in Debian's package {}", command.package);
  const std::string program = expand_command(scenario, "", {}).front();
  if (!in_path(program)) {
    return fmt::format("{} is not installed{}",
                       std::filesystem::path(program).lexically_normal().string(), where);
  }
  if (!command.probe.empty() && !succeeds(expand_words(scenario, command.probe, "", {}))) {
    return fmt::format("{} is not complete here: its probe failed{}", command.name, where);
  }
  return "";
}

}  // namespace lockproof
