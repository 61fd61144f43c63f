// SPDX-License-Identifier: Apache-2.0
// signal(7), kill(2), pidfd_open(2), pidfd_send_signal(2), signalfd(2).
#include "sim/signals.h"

#include <sys/signalfd.h>

#include "sim/internal.h"

namespace lockproof::sim {
namespace {

unsigned index_of(int signal) {
  unsigned i = 0;
  while (kMaskable[i] != signal) ++i;
  return i;
}

Disposition disposition_of(const Process& process, int signal) {
  return static_cast<Disposition>((process.dispositions >> (2 * index_of(signal))) & 3u);
}

bool is_dropped(const Process& process, int signal) {
  const Disposition disposition = disposition_of(process, signal);
  return disposition == Disposition::kIgnored ||
         (disposition == Disposition::kDefault && signal == SIGCHLD);
}

// A signal that is neither blocked nor dropped arrives at a process that runs.
void deliver(Process& process, int signal) {
  if (disposition_of(process, signal) >= Disposition::kHandled) {
    process.caught |= signal_bit(signal);
  } else {
    begin_death(process, signal);
  }
}

// Stops and continuations are told to the parent like deaths (no SA_NOCLDSTOP).
void tell_parent(Kernel& kernel, const Process& process) {
  if (process.parent != kInit) send(kernel, process.parent, SIGCHLD);
}

void stop(Kernel& kernel, Process& process) {
  if (process.life != Life::kRunning) return;
  process.life = Life::kStopped;
  tell_parent(kernel, process);
}

// What arrived meanwhile takes effect now.
void go_on(Kernel& kernel, Process& process) {
  if (process.life != Life::kStopped) return;
  process.life = Life::kRunning;
  tell_parent(kernel, process);
  for (const int signal : kMaskable) {
    const std::uint8_t bit = signal_bit(signal);
    if ((process.pending & ~process.blocked & bit) == 0 || process.life != Life::kRunning) continue;
    process.pending &= static_cast<std::uint8_t>(~bit);
    if (!is_dropped(process, signal)) deliver(process, signal);
  }
}

Answer send_checked(const Context& context, std::uint8_t slot, int signal) {
  if (signal != 0 && !is_modelled(signal)) return refuse(Refusal::kSignal);
  if (slot == kNone) return fail(ESRCH);
  if (signal != 0) send(context.kernel, slot, signal);
  return done(0);
}

}  // namespace

std::uint8_t with_disposition(const Process& process, Disposition disposition) {
  std::uint8_t bits = 0;
  for (const int signal : kMaskable) {
    if (disposition_of(process, signal) == disposition) bits |= signal_bit(signal);
  }
  return bits;
}

// To the dying and the dead it does nothing.
void send(Kernel& kernel, std::uint8_t slot, int signal) {
  Process& process = kernel.processes[slot];
  if (process.life != Life::kRunning && process.life != Life::kStopped) return;
  if (signal == SIGKILL) return begin_death(process, SIGKILL);
  if (signal == SIGSTOP) return stop(kernel, process);
  if (signal == SIGCONT) return go_on(kernel, process);
  const std::uint8_t bit = signal_bit(signal);
  const bool blocked = (process.blocked & bit) != 0;
  if (!blocked && is_dropped(process, signal)) return;
  if (blocked || process.life == Life::kStopped) {
    process.pending |= bit;
  } else {
    deliver(process, signal);
  }
}

// The port refuses pids <= 1. A zombie is still there.
Answer kill(const Context& context, const Call& call) {
  if (call.size <= 1) return fail(EPERM);
  if (is_other_init(context.kernel, context.slot, call.size)) {
    return refuse(Refusal::kPidNamespace);
  }
  return send_checked(context, slot_meant(context.kernel, context.slot, call.size), call.flags);
}

// sigaction(2), without flags but SA_RESTART
Answer set_disposition(const Context& context, const Call& call) {
  if (call.flags == SIGKILL || call.flags == SIGSTOP) return fail(EINVAL);
  const std::uint8_t bit = signal_bit(call.flags);
  // Who ignores SIGCHLD leaves no zombies: not modelled.
  const bool ignores_children = call.flags == SIGCHLD && call.extra == 1;
  if (bit == 0 || ignores_children || call.extra < 0 || call.extra > 3) {
    return refuse(Refusal::kSignal);
  }
  Process& self = context.self();
  const unsigned shift = 2 * index_of(call.flags);
  self.dispositions = static_cast<std::uint16_t>((self.dispositions & ~(3u << shift)) |
                                                 (static_cast<unsigned>(call.extra) << shift));
  if (is_dropped(self, call.flags)) self.pending &= static_cast<std::uint8_t>(~bit);
  return done(0);
}

Answer pidfd_open(const Context& context, const Call& call) {
  if (call.size <= 1) return fail(EPERM);
  if (is_other_init(context.kernel, context.slot, call.size)) {
    return refuse(Refusal::kPidNamespace);
  }
  const std::uint8_t slot = slot_meant(context.kernel, context.slot, call.size);
  if (slot == kNone) return fail(ESRCH);
  return install_new(context, Kind::kPidfd, slot, O_RDWR | O_CLOEXEC);
}

Answer pidfd_send_signal(const Context& context, const Call& call) {
  const OpenFile* const file = open_file(context, call.fd);
  if (file == nullptr || file->kind != Kind::kPidfd) {
    return file != nullptr && file->kind == Kind::kProcStat ? refuse(Refusal::kDescriptorKind)
                                                            : fail(EBADF);
  }
  return send_checked(context, file->object, call.flags);
}

// The port's signal_fd: blocks the signals, and gives a descriptor for them.
Answer signal_fd(const Context& context, const Call& call) {
  std::uint8_t mask = 0;
  for (int signal = 1; signal <= 64; ++signal) {
    if (((static_cast<std::uint64_t>(call.size) >> (signal - 1)) & 1) == 0) continue;
    if (signal_bit(signal) == 0) return refuse(Refusal::kSignal);
    mask |= signal_bit(signal);
  }
  context.self().blocked |= mask;
  return install_new(context, Kind::kSignals, mask, O_RDWR | O_CLOEXEC);
}

// The reader's own pending signals, one a read; the lowest first.
Answer read_signals(const Context& context, const OpenFile& file, std::int64_t size) {
  constexpr std::int64_t kOne = sizeof(signalfd_siginfo);
  if (size < kOne) return fail(EINVAL);
  if (size >= 2 * kOne) return refuse(Refusal::kDescriptorKind);
  Process& self = context.self();
  for (const int signal : kMaskable) {
    const std::uint8_t bit = signal_bit(signal);
    if ((self.pending & file.object & bit) == 0) continue;
    self.pending &= static_cast<std::uint8_t>(~bit);
    Answer answer = done(kOne);
    answer.value = signal;
    return answer;
  }
  return waits();
}

}  // namespace lockproof::sim
