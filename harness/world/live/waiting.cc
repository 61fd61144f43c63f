// SPDX-License-Identifier: Apache-2.0
// Calls that may wait. None of them waits in the kernel, where nobody could tell it from one that
// is about to return: it is made in its form that does not wait, and if it would have to, the
// process stands before it again. So who waits for a lock is in no queue; who gets it is the
// schedule's choice, and F_SETLKW never says EDEADLK.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>

#include "live/live_world.h"

namespace lockproof::live {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr const char* kSignalDescriptor = "anon_inode:[signalfd]";

bool waits_for_a_record_lock(const Call& call) {
  const bool waits = call.flags == F_SETLKW || call.flags == F_OFD_SETLKW;
  return waits && call.extra != F_UNLCK;
}

std::uint64_t wide(int value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

}  // namespace

LiveWorld::Done LiveWorld::stay(Process&) { return {waits(), {}}; }

// REQUIRES: behind a call. It stands before the one that it asked for.
bool LiveWorld::stay_behind(Process& process) {
  RunningTracee running = std::move(*process.tracee).go_back_to(process.raw);
  process.tracee.reset();
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* gets = std::get_if<GetsSignal>(&stop)) {
      running = std::move(gets->tracee).go_on(gets->signal);
    } else if (auto* before = std::get_if<BeforeCall>(&stop)) {
      process.tracee = std::move(before->tracee);
      return true;
    } else {
      refuse_because(process, process.call, Refusal::kProgram, "the process has ended in it");
      return false;
    }
  }
}

// Ends are counted in whole milliseconds, rounded up. kDone: it is over.
LiveWorld::Done LiveWorld::wait_until(Process& process, std::int64_t ns) {
  if (process.wakes_at == 0) {
    if (ns > INT64_MAX / 2) return {refuse(Refusal::kClock), {}};
    process.wakes_at = (now_ns_ + ns + kMs - 1) / kMs * kMs;
  }
  return {is_over(process) ? done(0) : waits(), {}};
}

bool LiveWorld::is_over(const Process& process) const { return now_ns_ >= process.wakes_at; }

LiveWorld::Done LiveWorld::sleep(Process& process) {
  const std::int64_t ns = process.call.size;
  if (ns <= 0) return pretend(process, ns < 0 ? -EINVAL : 0);
  const Done wait = wait_until(process, ns);
  return wait.answer == done(0) ? pretend(process, 0) : Done{wait.answer, {}};
}

LiveWorld::Done LiveWorld::poll(Process& process) {
  KernelCall now = process.raw;
  now.arguments[2] = 0;
  if (!make(process, now)) return {refuse(Refusal::kProgram), {}};
  const Answer answer = answer_of(process.call, process.raw, *process.tracee, *start_.texts);
  const std::int64_t ms = process.call.size;
  if (answer.result != 0 || ms == 0) return go_on(process, answer);
  Answer waited = waits();
  if (ms > 0) waited = wait_until(process, ms * kMs).answer;
  if (waited.outcome == Outcome::kDone) return go_on(process, answer);
  if (!stay_behind(process)) return {refuse(Refusal::kProgram), {}};
  return {waited, {}};
}

LiveWorld::Done LiveWorld::read(Process& process) {
  if (!reads_signals(process)) return plain(process);
  if (!can_read(process)) return stay(process);
  if (!make(process, process.raw)) return {refuse(Refusal::kProgram), {}};
  return go_on(process, signal_of(process.raw, *process.tracee));
}

LiveWorld::Done LiveWorld::wait_for(Process& process) {
  if ((process.call.flags & ~WNOHANG) != 0) return {refuse(Refusal::kWaitOption), {}};
  KernelCall now = process.raw;
  now.arguments[2] |= WNOHANG;
  if (!make(process, now)) return {refuse(Refusal::kProgram), {}};
  Answer answer = answer_of(process.call, process.raw, *process.tracee, *start_.texts);
  Process* const child = answer.result > 0 ? living_with(process, answer.result) : nullptr;
  if (child != nullptr) {
    child->state = ProcessState::kGone;
    if (process.raw.arguments[1] == 0) answer.value = child->status;  // it did not want to know
  }
  if (answer.result != 0 || (process.call.flags & WNOHANG) != 0) return go_on(process, answer);
  return stay_behind(process) ? stay(process) : Done{refuse(Refusal::kProgram), {}};
}

LiveWorld::Done LiveWorld::flock(Process& process) {
  KernelCall now = process.raw;
  now.arguments[1] |= LOCK_NB;
  if (!make(process, now)) return {refuse(Refusal::kProgram), {}};
  const Answer answer = done(process.tracee->result());
  const bool waits = (process.call.flags & LOCK_NB) == 0 && answer.result == -EWOULDBLOCK;
  if (!waits) return go_on(process, answer);
  return stay_behind(process) ? stay(process) : Done{refuse(Refusal::kProgram), {}};
}

LiveWorld::Done LiveWorld::record_lock(Process& process) {
  KernelCall now = process.raw;
  if (process.call.flags == F_SETLKW) now.arguments[1] = F_SETLK;
  if (process.call.flags == F_OFD_SETLKW) now.arguments[1] = F_OFD_SETLK;
  if (!make(process, now)) return {refuse(Refusal::kProgram), {}};
  const Answer answer = answer_of(process.call, process.raw, *process.tracee, *start_.texts);
  const bool refused = answer.result == -EAGAIN || answer.result == -EACCES;
  if (!refused || !waits_for_a_record_lock(process.call)) return go_on(process, answer);
  return stay_behind(process) ? stay(process) : Done{refuse(Refusal::kProgram), {}};
}

// Asked about everybody between any two steps, and the kernel takes its time.
bool LiveWorld::enabled(unsigned place) {
  Process& process = processes_[place];
  if (process.looked_at != changes_) {
    process.is_enabled = look_whether_enabled(process);
    process.looked_at = changes_;
  }
  return process.is_enabled;
}

bool LiveWorld::look_whether_enabled(Process& process) {
  if (!process.runs() || process.program == kStranger) return false;
  if (process.command != nullptr) {
    if (const auto known = is_enabled_program(process)) return *known;
  }
  const Call& call = process.call;
  switch (call.op) {
    case Op::kSleep:
      return call.size <= 0 || process.wakes_at == 0 || is_over(process);
    case Op::kPoll:
      if (call.size == 0) return true;
      if (call.size > 0 && (process.wakes_at == 0 || is_over(process))) return true;
      return has_event(process);
    case Op::kRead:
      return !reads_signals(process) || can_read(process);
    case Op::kWaitpid:
      return (call.flags & ~WNOHANG) != 0 || (call.flags & WNOHANG) != 0 || has_dead_child(process);
    case Op::kFlock:
      return (call.flags & (LOCK_NB | LOCK_UN)) != 0 || can_flock(process);
    case Op::kFcntlLock:
      return !waits_for_a_record_lock(call) || can_lock_record(process);
    default:
      return true;
  }
}

bool LiveWorld::has_event(Process& process) {
  const auto found =
      inject_into(process, SYS_poll, {process.raw.arguments[0], process.raw.arguments[1], 0});
  return found && *found != 0;
}

// While it stands before the call, nobody else changes what its descriptors are.
bool LiveWorld::reads_signals(Process& process) {
  if (!process.reads_signals) {
    process.reads_signals =
        what_is_open(process.host_pid, descriptor_of(process)) == kSignalDescriptor;
  }
  return *process.reads_signals;
}

// REQUIRES: a signal descriptor
bool LiveWorld::can_read(Process& process) {
  if (process.call.size < static_cast<std::int64_t>(sizeof(signalfd_siginfo))) return true;
  const pollfd asked = {descriptor_of(process), POLLIN, 0};
  nursery_->page().put(asked);
  const auto found = inject_into(process, SYS_poll, {nursery_->page().room(), 1, 0});
  return found && *found != 0;
}

bool LiveWorld::has_dead_child(Process& process) {
  const auto pid = static_cast<int>(process.call.size);
  const int kind = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
  const auto found = inject_into(
      process, SYS_waitid,
      {wide(kind), wide(std::abs(pid)), nursery_->page().room(), WEXITED | WNOHANG | WNOWAIT, 0});
  siginfo_t info{};
  if (!found || *found < 0) return true;  // the call says so, too
  nursery_->page().get(info);
  return info.si_pid != 0;
}

// A lock of this open file is given up when it is to become another one, which is an effect.
bool LiveWorld::can_flock(const Process& process) const {
  for (const std::string& lock :
       descriptor_info(process.host_pid, descriptor_of(process), "lock:")) {
    if (lock.find(" FLOCK ") != lock.npos) return true;
  }
  const std::string path = fmt::format("/proc/{}/fd/{}", process.host_pid, descriptor_of(process));
  const Fd same(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const int wanted = process.call.flags & (LOCK_SH | LOCK_EX);
  return !same || ::flock(same.get(), wanted | LOCK_NB) == 0;
}

bool LiveWorld::can_lock_record(Process& process) {
  const auto fd = wide(descriptor_of(process));
  const auto access = inject_into(process, SYS_fcntl, {fd, F_GETFL});
  if (!access || *access < 0) return true;
  const bool writes = process.call.extra == F_WRLCK;
  if ((*access & O_ACCMODE) == (writes ? O_RDONLY : O_WRONLY)) return true;  // EBADF
  struct flock asked {};
  process.tracee->read(process.raw.arguments[2], &asked, sizeof asked);
  // A program of somebody else has no memory that is ours: in the place of what it asks.
  const std::uint64_t at =
      process.command == nullptr ? nursery_->page().room() : process.raw.arguments[2];
  process.tracee->write(at, &asked, sizeof asked);
  const int query = process.call.flags == F_SETLKW ? F_GETLK : F_OFD_GETLK;
  const auto found = inject_into(process, SYS_fcntl, {fd, wide(query), at});
  if (!found || *found < 0) return true;
  struct flock lock {};
  process.tracee->read(at, &lock, sizeof lock);
  process.tracee->write(at, &asked, sizeof asked);
  return lock.l_type == F_UNLCK;
}

}  // namespace lockproof::live
