// SPDX-License-Identifier: Apache-2.0
#include "sim/reach.h"

#include "sim/canonical.h"

namespace lockproof::sim {
namespace {

const OpenFile* open_file(const Kernel& kernel, const Process& process, std::int32_t fd) {
  if (fd < 0 || fd >= static_cast<std::int32_t>(kDescriptors)) return nullptr;
  const std::uint8_t entry = process.fds[static_cast<unsigned>(fd)];
  return entry == 0 ? nullptr : &kernel.open_files[(entry & ~kCloseOnExec) - 1u];
}

bool is_about_processes(Kind kind) {
  return kind == Kind::kProcStat || kind == Kind::kPidfd || kind == Kind::kSignals;
}

// Of a path below /proc: who lives.
bool is_in_proc(const Tables& tables, Text path) { return tables.texts[path].starts_with("/proc"); }

Reach needed_to_see(const Kernel& kernel, const OpenFile& file) {
  switch (file.kind) {
    case Kind::kFree:
    case Kind::kNull:
    case Kind::kRandom:
    case Kind::kBootId:
      return 0;
    case Kind::kProcStat:
    case Kind::kPidfd:
    case Kind::kSignals:
      return kReachProcesses;
    case Kind::kInode:
      break;
    case Kind::kSocket:
    case Kind::kListener:
    case Kind::kConnected:
      return kReachHeld;
  }
  const bool held = file.flock != 0 || file.record != 0 || kernel.inodes[file.object].nlink == 0;
  return held ? kReachHeld | kReachOpen : kReachOpen;
}

// What is seen of it is in its first descriptors.
Process seen(const Kernel& kernel, const Process& process, Reach reach) {
  Process out{};
  if ((reach & kReachProcesses) != 0) {
    out = process;
    out.record_locks = 0;
    out.random_reads = out.directory = 0;
    out.fds = {};
    out.alarm = out.wake = 0;
    out.caught = 0;
  }
  if ((reach & kReachHeld) != 0 && process.record_locks != 0) {
    out.record_locks = process.record_locks;
    out.pid = process.pid;  // F_GETLK says who
  }
  unsigned count = 0;
  for (const std::uint8_t fd : process.fds) {
    if (fd == 0) continue;
    const unsigned file = (fd & ~kCloseOnExec) - 1u;
    if ((needed_to_see(kernel, kernel.open_files[file]) & reach) == 0) continue;
    out.fds[count++] = static_cast<std::uint8_t>(file + 1);
  }
  return out;
}

Reach reach_of_descriptor(const Kernel& kernel, const Process& process, std::int32_t fd) {
  const OpenFile* const file = open_file(kernel, process, fd);
  return file != nullptr && is_about_processes(file->kind) ? kReachProcesses : kReachTree;
}

}  // namespace

Reach reach_of(const Kernel& kernel, const Tables& tables, std::uint8_t slot, const Call& call) {
  switch (call.op) {
    case Op::kOpenat:
    case Op::kReadlinkat:
    case Op::kAccess:
    case Op::kTouch:
    case Op::kFstatat:
      return is_in_proc(tables, call.text) ? kReachProcesses : kReachTree;
    case Op::kMkdirat:
    case Op::kLinkat:
    case Op::kSymlinkat:
      return kReachTree;
    case Op::kUnlinkat:
    case Op::kRenameat:
      return kReachTree | kReachOpen | kReachHeld;

    case Op::kRead:
    case Op::kPread:
    case Op::kWrite:
    case Op::kPwrite:
    case Op::kFtruncate:
    case Op::kFchmod:
    case Op::kFsync:
    case Op::kFstat:
    case Op::kFstatfs:
    case Op::kSeek:
      return reach_of_descriptor(kernel, kernel.processes[slot], call.fd);
    case Op::kClose:
    case Op::kDupAbove:
    case Op::kDup:
    case Op::kDup2:
    case Op::kCloseOnExec:
    case Op::kFlock:
    case Op::kFcntlLock:
    case Op::kSocket:
    case Op::kReuseAddress:
    case Op::kBind:
    case Op::kListen:
    case Op::kConnect:
      return kReachHeld;

    case Op::kGetpid:
    case Op::kGeteuid:
    case Op::kExit:
    case Op::kSigaction:
    case Op::kSignalFd:
    case Op::kSleep:
    case Op::kClockGettime:
    case Op::kHold:
      return 0;
    case Op::kGetppid:
    case Op::kFork:
    case Op::kWaitpid:
    case Op::kSetsid:
    case Op::kSetParentDeathSignal:
    case Op::kKill:
    case Op::kPidfdOpen:
    case Op::kPidfdSendSignal:
      return kReachProcesses;
    case Op::kPoll:
      return kReachProcesses | kReachHeld;

    case Op::kExecvp:
    case Op::kAlarm:
    case Op::kOther:
      break;
  }
  return kReachAll;
}

Reach reach_of_death(const Kernel& kernel, std::uint8_t slot) {
  return kernel.processes[slot].life == Life::kDying ? kReachHeld : kReachProcesses;
}

Kernel within(const Kernel& kernel, std::uint8_t slot, Reach reach) {
  if (reach == kReachAll) return kernel;
  Kernel part = kernel;
  for (std::uint8_t other = 0; other < kProcesses; ++other) {
    if (other != slot) part.processes[other] = seen(kernel, kernel.processes[other], reach);
  }
  if ((reach & kReachTree) == 0) {
    for (Inode& inode : part.inodes) inode.content = kEmptyText;
    part.names = {};
  }
  if ((reach & (kReachTree | kReachHeld | kReachOpen)) == 0) part.inodes = {};
  Process& self = part.processes[slot];
  if (self.life >= Life::kDying) {
    self.dispositions = 0;
    self.blocked = self.random_reads = self.directory = 0;
  }
  order_open_files(part);
  return part;
}

}  // namespace lockproof::sim
