// SPDX-License-Identifier: Apache-2.0
// Virtual time: clock_gettime(2), clock_nanosleep(2), poll(2). It goes on only when somebody says
// so.
#include <poll.h>
#include <time.h>

#include <algorithm>

#include "sim/internal.h"
#include "sim/signals.h"

namespace lockproof::sim {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// Sets when the call ends, at its first step. Ends are counted in whole milliseconds, rounded up.
Answer wait_until(const Context& context, std::int64_t ns, Answer at_end) {
  Process& self = context.self();
  const std::int64_t now = context.kernel.now_ns;
  if (self.wake == 0) {
    if (ns > INT64_MAX / 2) return refuse(Refusal::kClock);
    const std::int64_t end = (now + ns + kMs - 1) / kMs;
    if (end >= UINT32_MAX) return refuse(Refusal::kClock);
    self.wake = static_cast<std::uint32_t>(end);
  }
  return now >= self.wake * kMs ? at_end : waits();
}

// What poll says of a descriptor that was asked for POLLIN; -1: not modelled.
int ready(const Context& context, std::int32_t fd) {
  const OpenFile* const file = open_file(context, fd);
  if (file == nullptr || file->path) return POLLNVAL;
  switch (file->kind) {
    case Kind::kSignals:
      return (context.self().pending & file->object) != 0 ? POLLIN : 0;
    case Kind::kPidfd:
      if (file->object == kNone) return POLLIN | POLLHUP;
      return context.kernel.processes[file->object].life == Life::kZombie ? POLLIN : 0;
    case Kind::kInode:
      return POLLIN;
    default:
      return -1;
  }
}

}  // namespace

Answer poll(const Context& context, const Call& call) {
  Answer answer = done(0);
  unsigned shift = 0;
  for (const std::int32_t fd : {call.fd, call.fd2, call.extra}) {
    const int events = fd < 0 ? 0 : ready(context, fd);
    if (events < 0) return refuse(Refusal::kDescriptorKind);
    if (events != 0) ++answer.result;
    answer.value |= static_cast<std::int64_t>(events) << shift;
    shift += 8;
  }
  if (answer.result > 0 || call.size == 0) return answer;
  return call.size < 0 ? waits() : wait_until(context, call.size * kMs, answer);
}

Answer sleep(const Context& context, const Call& call) {
  if (call.size < 0) return fail(EINVAL);
  return call.size == 0 ? done(0) : wait_until(context, call.size, done(0));
}

Answer clock_gettime(const Context& context, const Call& call) {
  Kernel& kernel = context.kernel;
  kernel.clock_read = 1;
  Answer answer = done(0);
  switch (call.flags) {
    case CLOCK_MONOTONIC:
      answer.value = kernel.now_ns;
      break;
    case CLOCK_BOOTTIME:
      answer.value = kernel.now_ns + kernel.suspended_ns;
      break;
    case CLOCK_REALTIME:
      answer.value = kernel.now_ns + kernel.wall_ns;
      break;
    default:
      return refuse(Refusal::kClock);
  }
  return answer;
}

Answer set_alarm(const Context& context, const Call& call) {
  Process& self = context.self();
  const std::int64_t now = context.kernel.now_ns;
  if (call.size < 0) return fail(EINVAL);
  if (call.size > INT64_MAX / 2) return refuse(Refusal::kClock);
  const std::int64_t end = (now + call.size + kMs - 1) / kMs;
  if (end >= kLateAlarm) return refuse(Refusal::kClock);
  Answer answer = done(0);
  if (has_alarm(self)) answer.value = std::max<std::int64_t>(self.alarm * kMs - now, 1);
  const bool is_past = self.alarm >= kLateAlarm;
  self.alarm = is_past ? kPastAlarm : kNoAlarm;
  if (call.size > 0) self.alarm = is_past ? kLateAlarm : static_cast<std::uint32_t>(end);
  return answer;
}

// A handler runs then; what SIGALRM does without one is not modelled, and neither is the second
// alarm of a process, but while it waits for a child: with each of them time would go on for ever.
Answer wait_for_alarm(const Context& context, const Call& call, Answer wait) {
  Process& self = context.self();
  if (self.alarm == kLateAlarm && call.op != Op::kWaitpid) return refuse(Refusal::kAlarm);
  if (!has_alarm(self)) return wait;
  const bool is_handled =
      (signal_bit(SIGALRM) & (with_disposition(self, Disposition::kHandled) |
                              with_disposition(self, Disposition::kRestarted) | self.blocked)) != 0;
  if (self.wake != 0 && self.wake < self.alarm) return wait;
  if (!is_handled || self.wake > self.alarm) return refuse(Refusal::kAlarm);
  self.wake = self.alarm;
  if (context.kernel.now_ns < self.alarm * kMs) return wait;
  self.alarm = kPastAlarm;
  self.wake = 0;
  send(context.kernel, context.slot, SIGALRM);
  return wait;
}

std::int64_t wake_ns(const Kernel& kernel, std::uint8_t slot) {
  return kernel.processes[slot].wake * kMs;
}

std::int64_t next_wake_ns(const Kernel& kernel) {
  std::int64_t next = 0;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const std::int64_t wake = wake_ns(kernel, slot);
    if (wake != 0 && (next == 0 || wake < next)) next = wake;
  }
  return next;
}

void advance_clock(Kernel& kernel, std::int64_t now_ns) { kernel.now_ns = now_ns; }

}  // namespace lockproof::sim
