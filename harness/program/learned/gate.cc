// SPDX-License-Identifier: Apache-2.0
#include "learned/gate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "core/fd.h"
#include "program/caught.h"

namespace lockproof {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kMostRandomBytes = 4096;
constexpr char kRandomByte = 0x5a;
constexpr std::int64_t kThreadId = 1001;  // of nobody whom a call could name

using Sight = Gate::Sight;

std::string fd_path(pid_t pid, int fd) { return fmt::format("/proc/{}/fd/{}", pid, fd); }

std::string link_at(const std::string& path) {
  char target[512];
  const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
  return size > 0 ? std::string(target, static_cast<std::size_t>(size)) : "";
}

Sight unknown(std::string why) { return UnknownCall{std::move(why)}; }

// Bytes of chance, which are always these.
Sight give_chance(const StoppedTracee& tracee, std::uint64_t address, std::uint64_t size) {
  const std::string bytes(std::min<std::uint64_t>(size, kMostRandomBytes), kRandomByte);
  if (!tracee.write(address, bytes.data(), bytes.size())) return Gate::Settled{-EFAULT};
  return Gate::Settled{static_cast<std::int64_t>(bytes.size())};
}

bool asks_whether_it_is_a_terminal(const KernelCall& call) {
  return call.number == SYS_ioctl &&
         (call.arguments[1] == TCGETS || call.arguments[1] == TIOCGWINSZ);
}

// Nothing: of the processor time that somebody has used.
std::optional<int> clock_of(const KernelCall& call) {
  if (call.number != SYS_clock_gettime) return CLOCK_REALTIME;
  switch (static_cast<clockid_t>(call.arguments[0])) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
      return CLOCK_REALTIME;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
      return CLOCK_MONOTONIC;
    case CLOCK_BOOTTIME:
      return CLOCK_BOOTTIME;
    default:
      return std::nullopt;
  }
}

Sight call_of(Op op) { return Gate::Matters{Call{.op = op}}; }

}  // namespace

Sight Gate::look(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) {
  const Reached found = reached(ground_, tracee, call);
  switch (found.reach) {
    case Reach::kUnknownCall:
      return other(tracee, call, texts);
    case Reach::kElsewhere:
      return elsewhere(tracee, call, found);
    case Reach::kRefused:
      if (asks_whether_it_is_a_terminal(call)) return Passes{};
      return unknown(
          fmt::format("makes the call {}{} on a file of the run", found.name, found.paths));
    case Reach::kGround:
      return file(tracee, call, found, texts);
  }
  return unknown("is beyond reach");
}

Sight Gate::file(const StoppedTracee& tracee, const KernelCall& call, const Reached& found,
                 Texts& texts) const {
  switch (call.number) {
    case SYS_chdir:
      if (found.path == ground_.directory) return Passes{};
      return unknown("changes to a directory of the run");
    case SYS_openat:
      if ((call.arguments[2] & O_TMPFILE) == O_TMPFILE) return unknown("opens with O_TMPFILE");
      return decoded(tracee, call, texts);
    case SYS_fcntl:
      if (call.arguments[1] == F_GETFD || call.arguments[1] == F_GETFL) return Passes{};
      return decoded(tracee, call, texts);
    default:
      return decoded(tracee, call, texts);
  }
}

// Nobody changes it, but for other processes as files.
Sight Gate::elsewhere(const StoppedTracee& tracee, const KernelCall& call,
                      const Reached& found) const {
  const bool reads = call.number == SYS_read || call.number == SYS_pread64;
  const std::string path =
      reads ? link_at(fd_path(tracee.pid(), static_cast<int>(call.arguments[0]))) : found.path;
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
    return link_at(fd_path(tracee.pid(), static_cast<int>(call.arguments[0]))).starts_with(kind);
  };
  if (by_descriptor && (open("pipe:") || open("socket:"))) {
    return unknown(fmt::format("makes the call {} on a pipe", found.name));
  }
  return Passes{};
}

Sight Gate::decoded(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) const {
  const KernelCall entered = tracee.call();
  tracee.change(call);
  auto asked = decode(tracee, texts);
  tracee.change(entered);
  if (auto* why = std::get_if<UnknownCall>(&asked)) return *why;
  Call& known = std::get<Call>(asked);
  place_names(known, tracee.pid(), texts);
  if (!descriptors_.translate(known))
    return unknown("names a directory of the run by a descriptor");
  return Matters{known};
}

// Names are said from the run's directory, wherever the process is.
void Gate::place_names(Call& call, pid_t pid, Texts& texts) const {
  const auto place = [&](std::int32_t& directory, Text& text) {
    const auto path = absolute(pid, directory, texts[text]);
    if (!path) return;
    directory = AT_FDCWD;
    text = texts.intern(below(ground_, *path).value_or(*path));
  };
  if (call.op <= Op::kFstatat) place(call.fd, call.text);
  if (call.op == Op::kRenameat || call.op == Op::kLinkat) place(call.fd2, call.text2);
}

bool Gate::closes_by_exec(pid_t pid) const {
  return std::any_of(
      descriptors_.all().begin(), descriptors_.all().end(), [&](const auto& descriptor) {
        std::string flags;
        const std::string path = fmt::format("/proc/{}/fdinfo/{}", pid, descriptor.first);
        const Fd info(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        char text[256];
        const ssize_t size = ::read(info.get(), text, sizeof text - 1);
        if (size <= 0) return false;
        text[size] = '\0';
        const char* const found = std::strstr(text, "flags:\t");
        return found != nullptr && (std::strtoul(found + 7, nullptr, 8) & O_CLOEXEC) != 0;
      });
}

// One that fails changes nothing, and is seen by nobody; so is one that closes nothing.
Sight Gate::execute(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) const {
  const auto path = tracee.read_text(call.arguments[0], 4096);
  if (!path || !closes_by_exec(tracee.pid())) return Passes{};
  const auto whole = absolute(tracee.pid(), AT_FDCWD, *path);
  const std::string there = fmt::format("/proc/{}/root{}", tracee.pid(), whole.value_or(*path));
  if (::access(there.c_str(), X_OK) != 0) return Passes{};
  Call exec{.op = Op::kExecvp};
  exec.text = texts.intern(*path);
  return Matters{exec};
}

std::optional<Sight> Gate::time(const StoppedTracee& tracee, const KernelCall& call) const {
  const auto& [first, second, third, fourth, fifth, sixth] = call.arguments;
  const auto sleep = [](std::int64_t ns) {
    Call sleeps{.op = Op::kSleep};
    sleeps.size = ns;
    return Sight(Matters{sleeps});
  };
  switch (call.number) {
    case SYS_time:
    case SYS_gettimeofday:
    case SYS_clock_gettime: {
      const auto clock = clock_of(call);
      if (!clock) {
        const timespec none{};
        tracee.write(second, &none, sizeof none);
        return Settled{0};
      }
      Call reads{.op = Op::kClockGettime};
      reads.flags = *clock;
      return Matters{reads};
    }
    case SYS_clock_nanosleep: {
      timespec time{};
      if (!tracee.read(third, &time, sizeof time)) return unknown("sleeps for no time");
      const std::int64_t ns = time.tv_sec * kSecond + time.tv_nsec;
      if (second == 0) return sleep(ns);
      // From when it looked at that clock.
      if (first != CLOCK_MONOTONIC) return unknown("sleeps until a time of another clock");
      return sleep(std::max<std::int64_t>(ns - told_ns_, 0));
    }
    case SYS_ppoll:
      return unknown("waits for input");
    case SYS_select: {
      timeval time{};
      if (first != 0 || !tracee.read(fifth, &time, sizeof time)) return unknown("waits for input");
      return sleep(time.tv_sec * kSecond + time.tv_usec * 1000);
    }
    case SYS_pselect6: {
      timespec time{};
      if (first != 0 || !tracee.read(fifth, &time, sizeof time)) return unknown("waits for input");
      return sleep(time.tv_sec * kSecond + time.tv_nsec);
    }
    case SYS_poll:
      if (static_cast<std::int32_t>(third) == 0) return Passes{};
      if (second != 0) return unknown("waits for input");
      return sleep(static_cast<std::int32_t>(third) * std::int64_t{1'000'000});
    default:
      return std::nullopt;
  }
}

// What is the default from the beginning, and set to it, is nothing new.
Sight Gate::set_disposition(const StoppedTracee& tracee, const KernelCall& call) {
  struct {
    std::uint64_t handler, flags;
  } action{};
  const auto signal = static_cast<int>(call.arguments[0]);
  const unsigned bit = told_bit(signal);
  const bool sets =
      call.arguments[1] != 0 && tracee.read(call.arguments[1], &action, sizeof action);
  if (!sets || bit == 0) return Passes{};
  const bool was_set = (disposed_ & bit) != 0;
  if (action.handler == 0 && !was_set) return Passes{};
  if (action.handler > 1 && (action.flags & SA_RESTART) != 0) {
    return unknown(fmt::format("handles the signal {} with SA_RESTART", signal));
  }
  disposed_ |= bit;
  Call set{.op = Op::kSigaction};
  set.flags = signal;
  set.extra = static_cast<std::int32_t>(std::min<std::uint64_t>(action.handler, 2));
  return Matters{set};
}

Sight Gate::other(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) {
  if (auto sight = time(tracee, call)) return *sight;
  switch (call.number) {
    case SYS_clone:
      if ((call.arguments[0] & CLONE_THREAD) != 0) return unknown("starts a thread");
      return call_of(Op::kFork);
    case SYS_kill: {
      const auto signal = static_cast<int>(call.arguments[1]);
      const bool is_handled = signal_bit(signal) != 0 && told_bit(signal) == 0;
      if (is_handled) return unknown(fmt::format("sends the signal {}", signal));
      return decoded(tracee, call, texts);
    }
    case SYS_fork:
    case SYS_setsid:
    case SYS_pidfd_open:
    case SYS_pidfd_send_signal:
    case SYS_exit_group:
    case SYS_wait4:
    case SYS_getppid:
    case SYS_getpid:
      return decoded(tracee, call, texts);
    case SYS_gettid:
      return call_of(Op::kGetpid);
    case SYS_execve:
      return execute(tracee, call, texts);
    case SYS_prctl:
      if (call.arguments[0] == PR_SET_PDEATHSIG) return decoded(tracee, call, texts);
      return Passes{};
    case SYS_rt_sigaction:
      return set_disposition(tracee, call);
    case SYS_clone3:
      return Settled{-ENOSYS};  // libraries then use calls that are known
    case SYS_set_tid_address:
      return Settled{kThreadId};
    case SYS_getrandom:
      return give_chance(tracee, call.arguments[0], call.arguments[1]);
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
    case SYS_alarm:
      return call.arguments[0] == 0 ? Sight(Settled{0}) : unknown("sets an alarm");
    default:
      return unknown(fmt::format("makes the call {}, which is not known", call.number));
  }
}

void Gate::told_time(const Call& call, const Answer& answer) {
  if (call.op == Op::kClockGettime && call.flags == CLOCK_MONOTONIC) told_ns_ = answer.value;
}

}  // namespace lockproof
