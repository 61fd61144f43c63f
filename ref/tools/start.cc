// SPDX-License-Identifier: Apache-2.0
#include "start.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "exit_codes.h"

namespace solo::tool {
namespace {

void say(port::Sys& sys, const std::string& line) {
  sys.write(STDERR_FILENO, line.data(), line.size());
}

// In the child. Returns only when the command did not start, with what to end with.
int become(port::Sys& sys, pid_t parent, char* const* words, const sigset_t& mask, int output) {
  // SIGKILL, because CMD may ignore anything else and then outlive the lock. Then looks back: the
  // parent may have died before the kernel was told.
  const int armed = sys.set_parent_death_signal(SIGKILL);
  if (armed < 0 || sys.getppid() != parent) {
    say(sys, "solo: the command was not started, as its parent cannot be watched\n");
    return kFailed;
  }
  if (output >= 0 && ::dup2(output, STDOUT_FILENO) < 0) return kFailed;
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  const int failed = -sys.execvp(words[0], words);
  say(sys, Error{"solo: cannot run '" + printable(words[0]) + "'", failed}.describe() + "\n");
  return failed == ENOENT ? kCommandNotFound : kCannotExecute;
}

}  // namespace

Result<pid_t> start(port::Sys& sys, const std::vector<std::string>& command, const sigset_t& mask,
                    int output) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  const pid_t self = sys.getpid();
  const pid_t child = sys.fork();
  if (child == 0) sys.exit(become(sys, self, words.data(), mask, output));
  if (child < 0) return Error{"cannot start a process", -child};
  return child;
}

}  // namespace solo::tool
