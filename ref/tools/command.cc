// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "say.h"
#include "solo/control.h"
#include "solo/launch.h"

namespace solo::tool {
namespace {

// The directory of an instance that may not be there: nothing when it is missing, as then nobody
// owns.
Result<std::optional<StateDir>> existing_dir(port::Sys& sys, const std::string& given) {
  auto dir = StateDir::open(sys, state_path(sys, given), StateDir::IfMissing::kFail);
  if (dir.ok()) return std::optional(std::move(dir).value());
  if (dir.error().code == ENOENT) return std::optional<StateDir>();
  return dir.error();
}

int say_not_running(const Name& name) {
  std::printf("%s is not running\n", name.text().c_str());
  return kDone;
}

// In the child of ensure: becomes `solo run`.
int become_run(port::Sys& sys, const std::vector<std::string>& words) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; ++fd) {
    if (null < 0 || ::dup2(null, fd) < 0) return kFailed;
  }
  std::vector<char*> pointers = {const_cast<char*>("solo")};
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  sys.execvp("/proc/self/exe", pointers.data());
  return kCannotExecute;
}

}  // namespace

int stop(port::Sys& sys, const StopArguments& arguments) {
  const auto dir = existing_dir(sys, arguments.state_dir);
  if (!dir.ok()) return fail(dir.error());
  if (!dir.value()) return say_not_running(arguments.name);
  StopOptions options;
  options.grace_ms = arguments.grace_ms;
  const StopResult result = solo::stop(sys, *dir.value(), arguments.name, options);
  if (const Error* error = std::get_if<Error>(&result)) return fail(*error);
  const Stopped* const stopped = std::get_if<Stopped>(&result);
  if (stopped == nullptr) return say_not_running(arguments.name);
  std::printf("%s %s (pid %d)\n", arguments.name.text().c_str(),
              stopped->killed ? "did not stop in time and was killed" : "stopped",
              stopped->owner.pid);
  return kDone;
}

int rm(port::Sys& sys, const RmArguments& arguments) {
  const auto dir = existing_dir(sys, arguments.state_dir);
  if (!dir.ok()) return fail(dir.error());
  if (!dir.value()) return say_not_running(arguments.name);
  const DisownResult result = disown(sys, *dir.value(), arguments.name);
  if (const Error* error = std::get_if<Error>(&result)) return fail(*error);
  const Disowned* const disowned = std::get_if<Disowned>(&result);
  if (disowned == nullptr) return say_not_running(arguments.name);
  std::printf("%s removed (pid %d)%s\n", arguments.name.text().c_str(), disowned->owner.pid,
              disowned->ended ? "" : "; it ends by itself");
  return kDone;
}

int ensure(port::Sys& sys, const EnsureArguments& arguments) {
  const RunArguments& run = arguments.run;
  const std::string path = state_path(sys, run.state_dir);
  const auto dir = StateDir::open(sys, path, StateDir::IfMissing::kCreate);
  if (!dir.ok()) return fail(dir.error());
  const std::vector<std::string> words = words_of_run(run, path);
  EnsureOptions options;
  options.grace_ms = arguments.grace_ms;
  const EnsureResult result = solo::ensure(
      sys, dir.value(), run.name, [&] { return become_run(sys, words); }, options);
  if (const Error* error = std::get_if<Error>(&result)) return fail(*error);
  const char* const name = run.name.text().c_str();
  const Ready* const ready = std::get_if<Ready>(&result);
  if (ready == nullptr) {
    std::fprintf(stderr, "%s is shutting down: not started\n", name);
    return kStopped;
  }
  const char* const how = ready->started != 0 ? "started" : "already running";
  const std::string pid = ready->record ? std::to_string(ready->record->pid) : "unknown";
  std::printf("%s %s (pid %s)\n", name, how, pid.c_str());
  return kDone;
}

}  // namespace solo::tool
