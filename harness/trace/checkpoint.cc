// SPDX-License-Identifier: Apache-2.0
#include "trace/checkpoint.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>

namespace lockproof {
namespace {

// To before `call`, which it stands before again. Nothing: it has ended.
std::optional<StoppedTracee> back_to(StoppedTracee tracee, const KernelCall& call) {
  RunningTracee running = std::move(tracee).go_back_to(call);
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* before = std::get_if<BeforeCall>(&stop)) return std::move(before->tracee);
    auto* signalled = std::get_if<GetsSignal>(&stop);
    if (signalled == nullptr) return std::nullopt;
    running = std::move(signalled->tracee).go_on(signalled->signal);
  }
}

std::optional<StoppedTracee> newborn(pid_t pid) {
  Stop stop = RunningTracee(pid).wait();
  auto* born = std::get_if<IsBorn>(&stop);
  if (born == nullptr) return std::nullopt;
  return std::move(born->tracee);
}

}  // namespace

std::optional<Copied> copy(StoppedTracee tracee) {
  const KernelCall before = tracee.call();
  tracee.change({SYS_clone, {CLONE_PARENT | SIGCHLD, 0, 0, 0, 0, 0}});
  RunningTracee running = std::move(tracee).make_call();
  std::optional<StoppedTracee> child;
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* forked = std::get_if<HasForked>(&stop)) {
      child = newborn(forked->child);
      running = std::move(forked->tracee).to_end_of_call();
    } else if (auto* behind = std::get_if<BehindCall>(&stop)) {
      if (!child) {
        end(std::move(behind->tracee));
        return std::nullopt;
      }
      auto original = back_to(std::move(behind->tracee), before);
      auto copied = back_to(std::move(*child), before);
      if (!original || !copied) return std::nullopt;
      return Copied{std::move(*original), std::move(*copied)};
    } else {
      return std::nullopt;
    }
  }
}

// Not by a signal, which is for pids that may be another's: by a call of its own.
void end(StoppedTracee tracee) {
  const pid_t pid = tracee.pid();
  tracee.change({SYS_exit_group, {}});
  RunningTracee running = std::move(tracee).go_on();
  for (;;) {
    Stop stop = std::move(running).wait();
    running = RunningTracee(pid);
    if (std::holds_alternative<HasEnded>(stop)) return;
    if (auto* gets = std::get_if<GetsSignal>(&stop)) {
      running = std::move(gets->tracee).go_on(gets->signal);
      continue;
    }
    if (auto* before = std::get_if<BeforeCall>(&stop)) before->tracee.change({SYS_exit_group, {}});
    std::visit(
        [&](auto& at) {
          if constexpr (requires { at.tracee; }) running = std::move(at.tracee).go_on();
        },
        stop);
  }
}

}  // namespace lockproof
