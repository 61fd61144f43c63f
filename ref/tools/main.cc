// SPDX-License-Identifier: Apache-2.0
// The `solo` command.
#include <sys/auxv.h>

#include <cerrno>
#include <cstdio>

#include "arguments.h"
#include "command.h"
#include "exit_codes.h"
#include "help.h"
#include "port/sys.h"
#include "run.h"
#include "status.h"

namespace solo::tool {
namespace {

// Descriptors 0 to 2 that we were started without become /dev/null: otherwise a file of ours, or
// one of CMD's, would get such a number and with it whatever is printed.
bool open_stdio(port::Sys& sys) {
  for (int fd = 0; fd < 3; ++fd) {
    struct stat info {};
    if (sys.fstat(fd, &info) != -EBADF) continue;
    if (sys.openat(AT_FDCWD, "/dev/null", O_RDWR, 0) != fd) return false;
  }
  return true;
}

int act(port::Sys& sys, const Arguments& arguments) {
  if (const auto* args = std::get_if<RunArguments>(&arguments)) return run(sys, *args);
  if (const auto* args = std::get_if<GuardArguments>(&arguments)) return guard(sys, args->run);
  if (const auto* args = std::get_if<EnsureArguments>(&arguments)) return ensure(sys, *args);
  if (const auto* args = std::get_if<StopArguments>(&arguments)) return stop(sys, *args);
  if (const auto* args = std::get_if<RmArguments>(&arguments)) return rm(sys, *args);
  if (const auto* args = std::get_if<StatusArguments>(&arguments)) return status(sys, *args);
  std::fputs(std::holds_alternative<Help>(arguments) ? kHelp : "solo " SOLO_VERSION "\n", stdout);
  return kDone;
}

int main_with(port::Sys& sys, const std::vector<std::string_view>& words) {
  if (!open_stdio(sys)) return kFailed;
  if (::getauxval(AT_SECURE) != 0) {
    std::fputs("solo: refuses to run set-user-ID or with file capabilities\n", stderr);
    return kFailed;
  }
  const auto arguments = parse_arguments(words);
  if (!arguments.ok()) {
    std::fprintf(stderr, "solo: %s (see solo --help)\n", arguments.error().describe().c_str());
    return kUsage;
  }
  const int code = act(sys, arguments.value());
  if (std::fflush(stdout) != 0) {
    std::fputs("solo: cannot write to standard output\n", stderr);
    return kFailed;
  }
  return code;
}

}  // namespace
}  // namespace solo::tool

int main(int argc, char** argv) {
  // argc is 0 for a caller that passes no name at all.
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return solo::tool::main_with(solo::port::linux_sys(), words);
}
