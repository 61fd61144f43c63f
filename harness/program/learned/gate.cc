// SPDX-License-Identifier: Apache-2.0
#include "learned/gate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "program/asked.h"
#include "program/caught.h"
#include "program/clock_call.h"
#include "program/newer_form.h"
#include "trace/proc.h"

namespace lockproof {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kGroup = 1000;     // of whoever starts the contenders
constexpr std::int64_t kThreadId = 1001;  // of nobody whom a call could name

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// What one copy of a process wrote there, another one would read.
bool shares_memory(const KernelCall& call) {
  return call.number == SYS_mmap && (call.arguments[2] & PROT_WRITE) != 0 &&
         (call.arguments[3] & MAP_SHARED) != 0;
}

Sight call_of(Op op) { return Matters{Call{.op = op}}; }

Sight sleep_of(std::int64_t ns) {
  Call sleeps{.op = Op::kSleep};
  sleeps.size = ns;
  return Matters{sleeps};
}

}  // namespace

Sight Gate::look(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) {
  if (shares_memory(call)) return unknown("maps memory that it shares with others");
  const Reached found = reached(ground_, tracee, call, descriptors_);
  switch (found.reach) {
    case Reach::kUnknownCall:
      return other(tracee, call, texts);
    case Reach::kElsewhere:
      return elsewhere(tracee, call, found);
    case Reach::kRefused:
    case Reach::kGround:
      break;
  }
  if (auto sight = sight_on_ground(ground_, call, found)) return *sight;
  if (call.number == SYS_chdir) return unknown("changes to a directory of the run");
  return decoded(tracee, call, texts);
}

// Nobody changes it, but for other processes as files.
Sight Gate::elsewhere(const StoppedTracee& tracee, const KernelCall& call,
                      const Reached& found) const {
  const bool reads = call.number == SYS_read || call.number == SYS_pread64;
  const std::string path =
      reads ? what_is_open(tracee.pid(), static_cast<int>(call.arguments[0])) : found.path;
  if (reads && (path == "/dev/urandom" || path == "/dev/random")) {
    return give_chance(tracee, call.arguments[1], call.arguments[2]);
  }
  constexpr std::string_view kProc = "/proc/";
  const bool of_process = path.starts_with(kProc) && path.size() > kProc.size() &&
                          path[kProc.size()] >= '0' && path[kProc.size()] <= '9';
  const bool own = path.starts_with(fmt::format("/proc/{}/", tracee.pid()));
  if (path == "/proc" || (of_process && !own)) {
    return unknown(fmt::format("makes the call {} on {}", found.name, path));
  }
  const bool by_descriptor = reads || call.number == SYS_write || call.number == SYS_writev;
  const auto open = [&](std::string_view kind) {
    return what_is_open(tracee.pid(), static_cast<int>(call.arguments[0])).starts_with(kind);
  };
  if (by_descriptor && (open("pipe:") || open("socket:"))) {
    return unknown(fmt::format("makes the call {} on a pipe", found.name));
  }
  return Passes{};
}

Sight Gate::decoded(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) const {
  auto asked = decode_from(ground_, tracee, call, texts);
  if (auto* why = std::get_if<UnknownCall>(&asked)) return *why;
  Call& known = std::get<Call>(asked);
  if (!descriptors_.translate(known))
    return unknown("names a directory of the run by a descriptor");
  if (!is_made_alike(tracee.pid(), known)) {
    return unknown("makes a file that others may write, by another umask than 022");
  }
  return Matters{known};
}

bool Gate::exec_is_noticed(pid_t pid) const {
  const auto& all = descriptors_.all();
  if (handles(pid, SIGTERM) || (launches_ && handles(pid, SIGCHLD))) return true;
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& descriptor) { return closes_on_exec(pid, descriptor.first); });
}

std::optional<Sight> Gate::time(const StoppedTracee& tracee, const KernelCall& call) const {
  if (asks_for_time(call)) {
    const auto clock = clock_of(call);
    if (!clock) {
      put_time(tracee, call, 0);
      return Settled{0};
    }
    Call reads{.op = Op::kClockGettime};
    reads.flags = *clock;
    return Matters{reads};
  }
  if (call.number == SYS_clock_nanosleep) {
    timespec time{};
    if (!tracee.read(call.arguments[2], &time, sizeof time)) return unknown("sleeps for no time");
    const std::int64_t ns = time.tv_sec * kSecond + time.tv_nsec;
    if (call.arguments[1] == 0) return sleep_of(ns);
    // From when it looked at that clock.
    if (call.arguments[0] != CLOCK_MONOTONIC) {
      return unknown("sleeps until a time of another clock");
    }
    return sleep_of(std::max<std::int64_t>(ns - told_by(CLOCK_MONOTONIC, told_ns_), 0));
  }
  const auto asked = asked_of(tracee, call);
  if (!asked || asked->reads_one) return std::nullopt;
  if (asked->timeout_ns == 0) return Passes{};
  if (!asked->fds.empty() || asked->timeout_ns < 0) return unknown("waits for input");
  return sleep_of(asked->timeout_ns);
}

Sight Gate::set_disposition(const StoppedTracee& tracee, const KernelCall& call) {
  Sight sight = sight_of_disposition(tracee, call, disposed_);
  std::uint64_t action[4] = {};  // the handler, flags, where it returns to, and a mask
  if (call.arguments[1] != 0 && tracee.read(call.arguments[1], action, sizeof action)) {
    handlers_[static_cast<int>(call.arguments[0])] = bytes_of(action);
  }
  return sight;
}

Sight Gate::other(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) {
  if (auto sight = time(tracee, call)) return *sight;
  if (auto sight = sight_of_alarm(tracee, call, timers_)) return *sight;
  if (auto sight = sight_of_its_own(tracee, call)) return *sight;
  switch (call.number) {
    case SYS_clone:
      if ((call.arguments[0] & CLONE_THREAD) != 0) return unknown("starts a thread");
      if (makes_no_plain_child(call))
        return unknown("makes a process that is no plain child of it");
      return call_of(Op::kFork);
    case SYS_kill: {
      const auto signal = static_cast<int>(call.arguments[1]);
      const bool is_handled = signal_bit(signal) != 0 && told_bit(signal) == 0;
      if (is_handled) return unknown(fmt::format("sends the signal {}", signal));
      if (static_cast<int>(call.arguments[0]) <= 0) return unknown("signals several at once");
      return decoded(tracee, call, texts);
    }
    case SYS_fork:
    case SYS_setsid:
      leads_ = true;
      return decoded(tracee, call, texts);
    case SYS_pidfd_open:
    case SYS_pidfd_send_signal:
    case SYS_exit_group:
    case SYS_wait4:
    case SYS_getppid:
    case SYS_getpid:
      return decoded(tracee, call, texts);
    case SYS_gettid:
      return call_of(Op::kGetpid);
    case SYS_getpgrp:
      if (leads_) break;
      return Settled{kGroup};
    case SYS_execve:
      if (!exec_is_noticed(tracee.pid())) return Passes{};
      return sight_of_exec(tracee, call, texts);
    case SYS_prctl:
      return decoded(tracee, call, texts);
    case SYS_rt_sigaction:
      return set_disposition(tracee, call);
    case SYS_sigaltstack: {
      std::uint64_t stack[3] = {};  // where, flags, and how large
      if (call.arguments[0] != 0 && tracee.read(call.arguments[0], stack, sizeof stack)) {
        handler_stack_ = bytes_of(stack);
      }
      return Passes{};
    }
    case SYS_set_tid_address:
      return Settled{kThreadId};
    case SYS_sysinfo: {
      struct sysinfo info {};
      info.totalram = info.freeram = std::uint64_t{1} << 30;
      info.procs = 1;
      info.mem_unit = 1;
      tracee.write(call.arguments[0], &info, sizeof info);
      return Settled{0};
    }
    case SYS_times:
    case SYS_getrusage: {
      const struct rusage none {};
      const bool is_times = call.number == SYS_times;
      tracee.write(call.arguments[is_times ? 0 : 1], &none,
                   is_times ? sizeof(struct tms) : sizeof none);
      return Settled{0};
    }
    default:
      break;
  }
  return unknown(fmt::format("makes the call {}, which is not known", call.number));
}

void Gate::executed(pid_t pid) {
  descriptors_.forget_closed(pid);
  handler_stack_.clear();
  const std::string ignores = bytes_of(reinterpret_cast<std::uint64_t>(SIG_IGN));
  std::erase_if(handlers_, [&](const auto& set) { return !set.second.starts_with(ignores); });
}

std::string Gate::state() const {
  std::string state = bytes_of(told_ns_) + bytes_of(disposed_) + bytes_of(timers_) +
                      bytes_of(leads_) + handler_stack_;
  for (const auto& [fd, known] : descriptors_.all()) state += bytes_of(fd) + bytes_of(known);
  for (const auto& [signal, action] : handlers_) state += bytes_of(signal) + action;
  return state;
}

void Gate::told_time(const Call& call, const Answer& answer) {
  if (call.op == Op::kClockGettime && call.flags == CLOCK_MONOTONIC) told_ns_ = answer.value;
}

}  // namespace lockproof
