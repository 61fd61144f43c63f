// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <sys/signalfd.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "exit_codes.h"
#include "solo/fork_guard.h"
#include "solo/instance.h"
#include "start.h"

namespace solo::tool {
namespace {

constexpr int kForwarded[] = {SIGTERM, SIGINT, SIGHUP};

int fail(const Error& error) {
  std::fprintf(stderr, "solo: %s\n", error.describe().c_str());
  return kFailed;
}

std::uint64_t bit(int signal) { return std::uint64_t{1} << (signal - 1); }

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? kKilledBySignal + WTERMSIG(wait_status)
                                  : WEXITSTATUS(wait_status);
}

// From a terminal the kernel sends a signal to the whole foreground group, so to the command too:
// once is enough. Any other sender meant us.
bool command_has_it(const signalfd_siginfo& signal) { return signal.ssi_code == SI_KERNEL; }

// Until the command has ended: passes signals on. Its wait status.
Result<int> watch(port::Sys& sys, int signals, pid_t child) {
  for (;;) {
    int status = 0;
    const pid_t ended = sys.waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && ended != -EINTR) return Error{"cannot wait for the command", -ended};

    signalfd_siginfo signal{};
    const ssize_t got = sys.read(signals, &signal, sizeof signal);
    if (got == -EINTR) continue;
    if (got != sizeof signal) return Error{"cannot read signals", static_cast<int>(-got)};
    if (signal.ssi_signo == SIGCHLD || command_has_it(signal)) continue;
    // Not reaped yet, so the pid is still the command's. It may be a zombie, which is no error.
    sys.kill(child, static_cast<int>(signal.ssi_signo));
  }
}

// Runs the command while we own. Its exit code, or what went wrong.
Result<int> run_command(port::Sys& sys, const std::vector<std::string>& command) {
  // An inherited "ignore" would have the kernel reap the command, and its status be lost.
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, nullptr, &before);
  std::uint64_t mask = bit(SIGCHLD);
  for (const int signal : kForwarded) mask |= bit(signal);
  const Fd signals(sys, sys.signal_fd(mask));
  if (!signals.valid()) return Error{"cannot listen for signals", -signals.get()};

  const auto child = start(sys, command, before);
  if (!child.ok()) return child.error();
  const auto status = watch(sys, signals.get(), child.value());
  if (!status.ok()) {  // then the command must not go on without its owner
    sys.kill(child.value(), SIGKILL);
    sys.waitpid(child.value(), nullptr, 0);
    return status.error();
  }
  return exit_code_of(status.value());
}

int report_busy(const RunArguments& arguments, const std::string& dir, const Busy& busy) {
  const char* const name = arguments.name.text().c_str();
  if (busy.holder) {
    std::fprintf(stderr, "%s already running (pid %d)\n", name, busy.holder->pid);
  } else {
    std::fprintf(stderr, "%s already running (pid unknown; find the holder with 'lsof %s')\n", name,
                 printable(dir + "/" + arguments.name.lock_file()).c_str());
  }
  return arguments.busy_exit;
}

}  // namespace

int run(port::Sys& sys, const RunArguments& arguments) {
  const std::string path =
      arguments.state_dir.empty() ? default_state_dir(sys.geteuid()) : arguments.state_dir;
  auto dir = StateDir::open(sys, path, StateDir::IfMissing::kCreate);
  if (!dir.ok()) return fail(dir.error());
  ClaimResult claimed = claim(sys, std::move(dir).value(), arguments.name);
  if (const Error* error = std::get_if<Error>(&claimed)) return fail(*error);
  if (const Busy* busy = std::get_if<Busy>(&claimed)) {
    return report_busy(arguments, path, *busy);
  }

  InstanceLock& lock = *std::get_if<InstanceLock>(&claimed);
  const auto guard = ForkGuard::watch(lock.fd());
  if (!guard.ok()) return fail(guard.error());
  const auto code = run_command(sys, arguments.command);
  if (!code.ok()) return fail(code.error());
  if (const MaybeError error = lock.give_up()) fail(*error);
  return code.value();
}

}  // namespace solo::tool
