// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <sys/wait.h>

#include <cstdio>
#include <optional>

#include "minder.h"
#include "say.h"
#include "solo/fork_guard.h"
#include "solo/instance.h"

namespace solo::tool {
namespace {

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? kKilledBySignal + WTERMSIG(wait_status)
                                  : WEXITSTATUS(wait_status);
}

std::string pid_text(const RunArguments& arguments, const std::string& dir, const Busy& busy) {
  if (busy.holder) return "pid " + std::to_string(busy.holder->pid);
  return "pid unknown; find the holder with 'lsof " +
         printable(dir + "/" + arguments.name.lock_file()) + "'";
}

struct Refusal {
  const char* words;
  int exit_code;
};

int claim_and_run(port::Sys& sys, const RunArguments& arguments, bool guards,
                  const Refusal& refusal) {
  const std::string path = state_path(sys, arguments.state_dir);
  std::optional<ParentWatch> parent;
  if (arguments.watch_parent) {
    auto watch = ParentWatch::begin(sys, arguments.watch_parent->parent);
    if (!watch.ok()) return fail(watch.error());
    parent.emplace(std::move(watch).value());
  }
  auto dir = StateDir::open(sys, path, StateDir::IfMissing::kCreate);
  if (!dir.ok()) return fail(dir.error());
  ClaimResult claimed =
      claim(sys, std::move(dir).value(), arguments.name, {arguments.managed, arguments.side_files});
  if (const Error* error = std::get_if<Error>(&claimed)) return fail(*error);
  const char* const name = arguments.name.text().c_str();
  if (std::holds_alternative<Stopping>(claimed)) {
    std::fprintf(stderr, "%s is shutting down: not started\n", name);
    return kStopped;
  }
  if (const Busy* busy = std::get_if<Busy>(&claimed)) {
    std::fprintf(stderr, refusal.words, name, pid_text(arguments, path, *busy).c_str());
    return arguments.busy_exit.value_or(refusal.exit_code);
  }

  InstanceLock& lock = *std::get_if<InstanceLock>(&claimed);
  const auto guard = ForkGuard::watch(lock.fd());
  if (!guard.ok()) return fail(guard.error());
  Minder minder(sys, arguments, lock, parent ? &*parent : nullptr, guards);
  const auto status = minder.run();
  const MaybeError error = lock.give_up();  // also after a failure: nothing runs any more
  if (!status.ok()) return fail(status.error());
  if (error) fail(*error);
  return exit_code_of(status.value());
}

}  // namespace

int run(port::Sys& sys, const RunArguments& arguments) {
  return claim_and_run(sys, arguments, false, {"%s already running (%s)\n", kDone});
}

int guard(port::Sys& sys, const RunArguments& arguments) {
  return claim_and_run(sys, arguments, true,
                       {"%s still running (%s): the command was not run\n", kRefused});
}

}  // namespace solo::tool
