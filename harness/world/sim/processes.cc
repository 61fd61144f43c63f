// SPDX-License-Identifier: Apache-2.0
// fork(2), execve(2), _exit(2), wait(2), setsid(2), and how a process comes into being.
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "sim/internal.h"
#include "sim/signals.h"
#include "world/made_constant.h"

namespace lockproof::sim {
namespace {

constexpr std::uint8_t kLastPid = 250;

std::uint8_t free_slot(const Kernel& kernel) {
  std::uint8_t slot = 0;
  while (slot < kProcesses && kernel.processes[slot].life != Life::kAbsent) ++slot;
  return slot == kProcesses ? kNone : slot;
}

// 0: all are used up. Once somebody lives below, the root namespace keeps to its own block.
std::uint8_t new_pid(Kernel& kernel, unsigned space) {
  if (kernel.next_pid != 0 && namespace_of(kernel, kPidBase + kernel.next_pid) == space) {
    ++kernel.reuses;
    return std::exchange(kernel.next_pid, std::uint8_t{0});
  }
  const bool alone = space == 0 && kernel.last_below == decltype(kernel.last_below){};
  std::uint8_t& last = space == 0 ? kernel.last_pid : kernel.last_below[space - 1];
  if (last >= (alone ? kLastPid : kPidBlock - 1)) return 0;
  ++last;
  return static_cast<std::uint8_t>(kPidBlock * space + last);
}

std::uint32_t start_ticks(const Kernel& kernel) {
  return static_cast<std::uint32_t>((kernel.now_ns + kernel.suspended_ns) / kTickNs);
}

// Two processes of one pid and one tick still read different bytes from /dev/urandom.
std::uint8_t fresh_random(const Kernel& kernel) {
  return static_cast<std::uint8_t>(kernel.reuses << 5);
}

bool matches(const Context& context, const Process& child, std::int64_t pid) {
  if (pid == -1) return true;
  if (pid == 0) return child.group == context.self().group;
  const std::int64_t meant =
      pid_meant(context.kernel, pid_of(context.self()), pid > 0 ? pid : -pid);
  return pid > 0 ? pid_of(child) == meant : child.group == meant - kPidBase;
}

}  // namespace

std::uint8_t slot_of(const Kernel& kernel, std::int64_t pid) {
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const Process& process = kernel.processes[slot];
    if (process.life != Life::kAbsent && pid_of(process) == pid) return slot;
  }
  return kNone;
}

std::uint8_t spawn(Kernel& kernel, std::uint8_t directory, unsigned space) {
  const std::uint8_t slot = free_slot(kernel);
  std::uint8_t place = 0;
  while (place < kOpenFiles && kernel.open_files[place].kind != Kind::kFree) ++place;
  if (slot == kNone || place == kOpenFiles) return kNone;
  const std::uint8_t pid = new_pid(kernel, space);
  if (pid == 0) return kNone;
  OpenFile& null = kernel.open_files[place];
  null.kind = Kind::kNull;
  null.references = 3;
  null.access = O_RDWR;
  Process& process = kernel.processes[slot];
  process.pid = pid;
  process.parent = kInit;
  process.life = Life::kRunning;
  process.start = start_ticks(kernel);
  process.random_reads = fresh_random(kernel);
  process.directory = directory;
  for (unsigned fd = 0; fd < 3; ++fd) process.fds[fd] = static_cast<std::uint8_t>(place + 1);
  return slot;
}

std::uint8_t spawn_stranger(Kernel& kernel, std::uint8_t directory, int pid) {
  std::uint32_t last = 0;
  for (const Process& process : kernel.processes) {
    if (process.life != Life::kAbsent) last = std::max(last, process.start);
  }
  kernel.next_pid = static_cast<std::uint8_t>(pid - kPidBase);
  const std::uint8_t slot = spawn(kernel, directory, namespace_of(kernel, pid));
  kernel.next_pid = 0;
  if (slot != kNone) kernel.processes[slot].start = std::max(last, start_ticks(kernel)) + 1;
  return slot;
}

// The child's own answer is 0: its program is told so by whoever drives it.
Answer fork(const Context& context) {
  Kernel& kernel = context.kernel;
  const std::uint8_t slot = free_slot(kernel);
  if (slot == kNone) return refuse(Refusal::kProcesses);
  const std::uint8_t pid = new_pid(kernel, namespace_of(kernel, pid_of(context.self())));
  if (pid == 0) return refuse(Refusal::kProcesses);
  Process& child = kernel.processes[slot];
  child = context.self();
  child.pid = pid;
  child.parent = context.slot;
  child.start = start_ticks(kernel);
  child.wake = 0;
  child.alarm = kNoAlarm;
  child.record_locks = 0;  // not inherited: fcntl(2)
  child.pending = 0;
  child.caught = 0;
  child.death_signal = 0;
  child.random_reads = fresh_random(kernel);
  for (const std::uint8_t fd : child.fds) {
    if (fd != 0) ++kernel.open_files[(fd & ~kCloseOnExec) - 1u].references;
  }
  return done(pid_seen(kernel, context.slot, pid_of(child)));
}

// Which program begins is not the kernel's matter. Handlers go, what is ignored stays so.
Answer exec(const Context& context) {
  Process& self = context.self();
  for (unsigned fd = 0; fd < kDescriptors; ++fd) {
    if ((self.fds[fd] & kCloseOnExec) != 0) close_descriptor(context.kernel, context.slot, fd);
  }
  for (unsigned i = 0; i < std::size(kMaskable); ++i) {
    const unsigned disposition = (self.dispositions >> (2 * i)) & 3u;
    if (disposition >= static_cast<unsigned>(Disposition::kHandled)) {
      self.dispositions &= static_cast<std::uint16_t>(~(3u << (2 * i)));
    }
  }
  return done(0);
}

std::uint8_t fork_and_exec(Kernel& kernel, Tables& tables, std::uint8_t slot) {
  const Answer forked = fork({kernel, tables, slot});
  if (forked.outcome != Outcome::kDone || forked.result <= 0) return kNone;
  const std::uint8_t child = slot_meant(kernel, slot, forked.result);
  exec({kernel, tables, child});
  return child;
}

Answer exit(const Context& context, const Call& call) {
  begin_death(context.self(), (call.flags & 0xff) << 8);
  return done(0);
}

// waitpid(2). Of several dead children, the one with the lowest pid.
Answer wait_for(const Context& context, const Call& call) {
  if ((call.flags & ~WNOHANG) != 0) return refuse(Refusal::kWaitOption);
  bool any = false;
  std::uint8_t dead = kNone;
  auto& processes = context.kernel.processes;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const Process& child = processes[slot];
    if (child.life == Life::kAbsent || child.parent != context.slot) continue;
    if (!matches(context, child, call.size)) continue;
    any = true;
    if (child.life != Life::kZombie) continue;
    if (dead == kNone || child.pid < processes[dead].pid) dead = slot;
  }
  if (!any) return fail(ECHILD);
  if (dead == kNone) return (call.flags & WNOHANG) != 0 ? done(0) : waits();
  Answer answer = done(pid_seen(context.kernel, context.slot, pid_of(processes[dead])));
  answer.value = processes[dead].status;
  reap(context.kernel, dead);
  return answer;
}

// setsid(2). Groups are made here only, so a group is always a session too.
Answer set_sid(const Context& context) {
  Process& self = context.self();
  for (const Process& process : context.kernel.processes) {
    if (process.life != Life::kAbsent && process.group == self.pid) return fail(EPERM);
  }
  self.group = self.pid;
  return done(own_pid(context.kernel, pid_of(self)));
}

// prctl(2), PR_SET_PDEATHSIG
Answer set_death_signal(const Context& context, const Call& call) {
  if (call.flags != 0 && !is_modelled(call.flags)) return refuse(Refusal::kSignal);
  context.self().death_signal = static_cast<std::uint8_t>(call.flags);
  return done(0);
}

}  // namespace lockproof::sim
