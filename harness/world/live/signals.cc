// SPDX-License-Identifier: Apache-2.0
// Signals between processes of a live run. Whether the sender may is the kernel's word. What comes
// of it is the world's, so that a death has its steps: a signal is really sent only where it waits
// to be read.
#include "live/signals.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "live/live_world.h"

namespace lockproof::live {
namespace {

void really_send(const Process& process, int signal) {
  ::syscall(SYS_pidfd_send_signal, process.pidfd.get(), signal, nullptr, 0);
}

bool has(std::uint64_t mask, int signal) { return (mask >> (signal - 1) & 1) != 0; }

}  // namespace

Process* LiveWorld::living_with(const Process& asks, std::int64_t number) {
  const std::int64_t pid = pids_.meant(asks.space, number);
  for (Process& process : processes_) {
    if (process.state != ProcessState::kGone && process.pid == pid) return &process;
  }
  return nullptr;
}

LiveWorld::Done LiveWorld::kill(Process& process) {
  const int signal = process.call.flags;
  if (process.call.size <= 1) return pretend(process, -EPERM);
  if (signal != 0 && !is_known(signal)) return {refuse(Refusal::kSignal), {}};
  if (pids_.is_init_below(process.space, process.call.size)) {
    return {refuse(Refusal::kPidNamespace), {}};
  }
  KernelCall asks = process.raw;
  asks.arguments[1] = 0;
  if (!make(process, asks)) return {refuse(Refusal::kProgram), {}};
  const Answer answer = done(process.tracee->result());
  Process* const target = living_with(process, process.call.size);
  if (answer.result == 0 && signal != 0 && target != nullptr && !send(*target, signal)) {
    return {refuse(Refusal::kSignal), {}};
  }
  return go_on(process, answer);
}

LiveWorld::Done LiveWorld::pidfd_send_signal(Process& process) {
  const int signal = process.call.flags;
  if (signal != 0 && !is_known(signal)) return {refuse(Refusal::kSignal), {}};
  const auto named = descriptor_info(process.host_pid, descriptor_of(process), "Pid:");
  const pid_t host_pid = named.empty() ? 0 : std::atoi(named.front().c_str());
  KernelCall asks = process.raw;
  asks.arguments[1] = 0;
  if (!make(process, asks)) return {refuse(Refusal::kProgram), {}};
  const Answer answer = done(process.tracee->result());
  for (Process& target : processes_) {
    if (answer.result != 0 || signal == 0 || target.host_pid != host_pid) continue;
    if (!send(target, signal)) return {refuse(Refusal::kSignal), {}};
  }
  return go_on(process, answer);
}

bool LiveWorld::holds_back(unsigned place, int signal) const {
  const Process& process = processes_[place];
  const bool stands =
      process.command != nullptr && process.lives() && !process.waits_on && process.tracee;
  return stands && has(process.tracee->blocked_signals(), signal);
}

// To the dying and the dead it does nothing.
bool LiveWorld::send(Process& process, int signal) {
  if (!is_known(signal)) return false;
  if (!process.lives()) return true;
  switch (signal) {
    case SIGKILL:
      begin_death(process, SIGKILL);
      return true;
    case SIGSTOP:
      stop(process);
      return true;
    case SIGCONT:
      return go_on_after_stop(process);
    default:
      break;
  }
  const SignalMasks masks = signal_masks(process.host_pid);
  const bool caught = has(masks.caught, signal);
  if (caught && process.command == nullptr) return false;
  if (caught || has(masks.blocked, signal)) {
    really_send(process, signal);
    if (!process.threads.empty() && process.tracee) return settle(process);
  } else if (has(masks.ignored, signal) || signal == SIGCHLD) {
    // dropped
  } else if (process.state == ProcessState::kStopped) {
    process.held_signals.push_back(signal);
  } else {
    begin_death(process, signal);
  }
  return true;
}

void LiveWorld::stop(Process& process) {
  if (!process.runs()) return;
  process.state = ProcessState::kStopped;
  tell_parent(process, SIGCHLD);
}

bool LiveWorld::go_on_after_stop(Process& process) {
  if (process.state != ProcessState::kStopped) return true;
  process.state = ProcessState::kReady;
  tell_parent(process, SIGCHLD);
  bool known = true;
  for (const int signal : std::exchange(process.held_signals, {})) {
    known = send(process, signal) && known;
  }
  return known;
}

void LiveWorld::tell_parent(const Process& process, int signal) {
  if (process.parent != kInit) send(processes_[static_cast<unsigned>(process.parent)], signal);
}

}  // namespace lockproof::live
