// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel.h"

#include <cstring>

#include "sim/internal.h"
#include "sim/signals.h"

namespace lockproof::sim {
namespace {

Answer get_parent(const Context& context) {
  const std::uint8_t parent = context.self().parent;
  if (parent == kInit) return done(1);
  return done(pid_seen(context.kernel, context.slot, pid_of(context.kernel.processes[parent])));
}

Answer dispatch(const Context& context, const Call& call) {
  switch (call.op) {
    case Op::kOpenat:
      return open_at(context, call);
    case Op::kMkdirat:
      return make_directory(context, call);
    case Op::kUnlinkat:
      return unlink_at(context, call);
    case Op::kRenameat:
      return rename_at(context, call);
    case Op::kLinkat:
      return link_at(context, call);
    case Op::kSymlinkat:
      return symlink_at(context, call);
    case Op::kReadlinkat:
      return read_link(context, call);
    case Op::kAccess:
      return access_at(context, call);
    case Op::kTouch:
      return touch_at(context, call);
    case Op::kFstatat:
      return stat_at(context, call);
    case Op::kClose:
      return close_fd(context, call);
    case Op::kDupAbove:
    case Op::kDup:
      return dup(context, call);
    case Op::kDup2:
      return dup2(context, call);
    case Op::kCloseOnExec:
      return set_close_on_exec(context, call);
    case Op::kSeek:
      return seek(context, call);
    case Op::kRead:
    case Op::kPread:
      return read_file(context, call);
    case Op::kWrite:
    case Op::kPwrite:
      return write_file(context, call);
    case Op::kFtruncate:
      return truncate(context, call);
    case Op::kFchmod:
      return change_mode(context, call);
    case Op::kFsync:
      return sync_file(context, call);
    case Op::kFstat:
      return stat_fd(context, call);
    case Op::kFstatfs:
      return stat_file_system(context, call);
    case Op::kFlock:
      return flock(context, call);
    case Op::kFcntlLock:
      return record_lock(context, call);
    case Op::kSocket:
      return socket(context, call);
    case Op::kReuseAddress:
      return reuse_address(context, call);
    case Op::kBind:
      return bind(context, call);
    case Op::kListen:
      return listen(context, call);
    case Op::kConnect:
      return connect(context, call);
    case Op::kGetpid:
      return done(own_pid(context.kernel, pid_of(context.self())));
    case Op::kGetppid:
      return get_parent(context);
    case Op::kGeteuid:
      return done(context.tables.uids[context.tables.user]);
    case Op::kFork:
      return fork(context);
    case Op::kExecvp:
      return exec(context);
    case Op::kExit:
      return exit(context, call);
    case Op::kWaitpid:
      return wait_for(context, call);
    case Op::kSetsid:
      return set_sid(context);
    case Op::kSetParentDeathSignal:
      return set_death_signal(context, call);
    case Op::kKill:
      return kill(context, call);
    case Op::kSigaction:
      return set_disposition(context, call);
    case Op::kPidfdOpen:
      return pidfd_open(context, call);
    case Op::kPidfdSendSignal:
      return pidfd_send_signal(context, call);
    case Op::kSignalFd:
      return signal_fd(context, call);
    case Op::kPoll:
      return poll(context, call);
    case Op::kSleep:
      return sleep(context, call);
    case Op::kAlarm:
      return set_alarm(context, call);
    case Op::kClockGettime:
      return clock_gettime(context, call);
    case Op::kHold:
      return done(0);
    case Op::kOther:
      return refuse(Refusal::kSomebodyElses);
  }
  return refuse(Refusal::kNotRunning);
}

// Only these can wait.
bool may_wait(Op op) {
  return op == Op::kFlock || op == Op::kFcntlLock || op == Op::kWaitpid || op == Op::kRead ||
         op == Op::kPoll || op == Op::kSleep;
}

// signal(7). Which of two handlers comes first, that agree in nothing, is not modelled.
Answer interrupted(const Process& process, const Call& call) {
  const bool can = call.op == Op::kFlock || call.op == Op::kFcntlLock || call.op == Op::kWaitpid ||
                   call.op == Op::kRead;
  const std::uint8_t restarted = with_disposition(process, Disposition::kRestarted);
  if (!can || (process.caught & restarted) == 0) return fail(EINTR);
  if ((process.caught & ~restarted) != 0) return refuse(Refusal::kSignal);
  return done(kCallIsMadeAgain);
}

}  // namespace

bool Kernel::operator==(const Kernel& other) const {
  return std::memcmp(this, &other, sizeof *this) == 0;
}

Kernel boot() {
  Kernel kernel{};
  kernel.inodes[kRoot].mode = S_IFDIR | 0755;
  kernel.inodes[kRoot].nlink = 2;
  kernel.boot = 1;
  return kernel;
}

Answer step(Kernel& kernel, Tables& tables, std::uint8_t slot, const Call& call) {
  Process& self = kernel.processes[slot];
  if (self.life != Life::kRunning) return refuse(Refusal::kNotRunning);
  Answer answer = dispatch({kernel, tables, slot}, call);
  if (answer.outcome == Outcome::kRefused) return answer;
  if (answer.outcome == Outcome::kWaits) {
    if (self.caught == 0) answer = wait_for_alarm({kernel, tables, slot}, call, answer);
    if (self.caught == 0) return answer;
    answer = interrupted(self, call);
    if (answer.outcome == Outcome::kRefused) return answer;
  }
  answer.caught = self.caught;
  self.caught = 0;
  self.wake = 0;
  return answer;
}

bool enabled(const Kernel& kernel, Tables& tables, std::uint8_t slot, const Call& call) {
  if (kernel.processes[slot].life != Life::kRunning) return false;
  if (!may_wait(call.op)) return true;
  Kernel after = kernel;
  return step(after, tables, slot, call).outcome != Outcome::kWaits || !(after == kernel);
}

// Where a handler might run, the moment of the answer counts.
bool is_local(const Kernel& kernel, std::uint8_t slot, const Call& call) {
  if (!may_be_local(call)) return false;
  return with_disposition(kernel.processes[slot], Disposition::kHandled) == 0 &&
         with_disposition(kernel.processes[slot], Disposition::kRestarted) == 0;
}

}  // namespace lockproof::sim
