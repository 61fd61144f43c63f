// SPDX-License-Identifier: Apache-2.0
// Death in steps, in the order of the kernel's do_exit(): files, then family, then the reaping. And
// the faults that end processes or make their numbers new.
#include "sim/internal.h"
#include "sim/signals.h"

namespace lockproof::sim {
namespace {

void close_all(Kernel& kernel, std::uint8_t slot) {
  Process& process = kernel.processes[slot];
  for (unsigned fd = 0; fd < kDescriptors; ++fd) {
    if (process.fds[fd] != 0) close_descriptor(kernel, slot, fd);
  }
  process.record_locks = 0;
}

// prctl(2): children get the signal that they asked for. Then the parent is told (SIGCHLD).
void become_zombie(Kernel& kernel, std::uint8_t slot) {
  for (std::uint8_t child = 0; child < kProcesses; ++child) {
    Process& process = kernel.processes[child];
    if (process.life == Life::kAbsent || process.parent != slot) continue;
    process.parent = kInit;
    if (process.death_signal != 0) send(kernel, child, process.death_signal);
  }
  Process& self = kernel.processes[slot];
  self.life = Life::kZombie;
  if (self.parent != kInit) send(kernel, self.parent, SIGCHLD);
}

// The files of the dying: whether their end frees a lock, a port or an inode.
bool frees_something(const Kernel& before, std::uint8_t slot) {
  if (before.processes[slot].record_locks != 0) return true;
  Kernel after = before;
  close_all(after, slot);
  for (unsigned i = 0; i < kOpenFiles; ++i) {
    const OpenFile& old = before.open_files[i];
    const bool counts = (old.flock | old.record) != 0 || has_port(old);
    if (counts && after.open_files[i].kind == Kind::kFree) return true;
  }
  for (unsigned i = 0; i < kInodes; ++i) {
    if ((before.inodes[i].mode == 0) != (after.inodes[i].mode == 0)) return true;
  }
  return false;
}

}  // namespace

void begin_death(Process& process, int status) {
  process.life = Life::kDying;
  process.status = static_cast<std::uint16_t>(status);
  process.wake = 0;
  process.alarm = kNoAlarm;
  process.pending = 0;
  process.caught = 0;
}

// Whoever has a pidfd or a /proc file of it keeps one of nobody.
void reap(Kernel& kernel, std::uint8_t slot) {
  for (OpenFile& file : kernel.open_files) {
    const bool of_process = file.kind == Kind::kPidfd || file.kind == Kind::kProcStat;
    if (of_process && file.object == slot) file.object = kNone;
  }
  const std::uint8_t directory = kernel.processes[slot].directory;
  kernel.processes[slot] = Process{};
  drop_if_unused(kernel, directory);
}

bool can_advance_death(const Kernel& kernel, std::uint8_t slot) {
  const Process& process = kernel.processes[slot];
  return process.life == Life::kDying || process.life == Life::kReleased ||
         (process.life == Life::kZombie && process.parent == kInit);
}

void advance_death(Kernel& kernel, std::uint8_t slot) {
  switch (kernel.processes[slot].life) {
    case Life::kDying:
      close_all(kernel, slot);
      kernel.processes[slot].life = Life::kReleased;
      break;
    case Life::kReleased:
      become_zombie(kernel, slot);
      break;
    case Life::kZombie:
      if (kernel.processes[slot].parent == kInit) reap(kernel, slot);
      break;
    default:
      break;
  }
}

bool death_is_unnoticed(const Kernel& kernel, const Tables& tables, std::uint8_t slot) {
  const Process& process = kernel.processes[slot];
  if (process.life == Life::kDying) {
    return !tables.states_are_seen && !frees_something(kernel, slot);
  }
  if (process.life != Life::kReleased || process.parent != kInit || tables.states_are_seen) {
    return false;
  }
  for (const Process& child : kernel.processes) {
    if (child.life != Life::kAbsent && child.parent == slot) return false;
  }
  for (const OpenFile& file : kernel.open_files) {
    if (file.kind == Kind::kPidfd && file.object == slot) return false;
  }
  return true;
}

bool pid_is_free(const Kernel& kernel, int pid) {
  const int index = pid - kPidBase;
  const unsigned space = namespace_of(kernel, pid);
  const auto own = static_cast<int>(own_pid(kernel, pid)) - kPidBase;
  if (own <= 0 || own > (space == 0 ? kernel.last_pid : kernel.last_below[space - 1])) return false;
  for (const Process& process : kernel.processes) {
    if (process.life != Life::kAbsent && (process.pid == index || process.group == index)) {
      return false;
    }
  }
  return true;
}

bool reuse_pid(Kernel& kernel, int pid) {
  if (!pid_is_free(kernel, pid)) return false;
  kernel.next_pid = static_cast<std::uint8_t>(pid - kPidBase);
  return true;
}

void reboot(Kernel& kernel) {
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    if (kernel.processes[slot].life == Life::kAbsent) continue;
    close_all(kernel, slot);
    reap(kernel, slot);
  }
  kernel.wall_ns += kernel.now_ns;
  kernel.now_ns = kernel.suspended_ns = 0;
  kernel.last_pid = kernel.next_pid = 0;
  kernel.last_below = {};
  ++kernel.boot;
}

}  // namespace lockproof::sim
