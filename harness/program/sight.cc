// SPDX-License-Identifier: Apache-2.0
#include "program/sight.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "program/caught.h"
#include "trace/proc.h"

namespace lockproof {
namespace {

constexpr std::size_t kMostRandomBytes = 4096;
constexpr char kRandomByte = 0x5a;

bool asks_whether_it_is_a_terminal(const KernelCall& call) {
  return call.number == SYS_ioctl &&
         (call.arguments[1] == TCGETS || call.arguments[1] == TIOCGWINSZ);
}

// Names are said from the run's directory, wherever the process is.
void place_names(const Ground& ground, pid_t pid, Call& call, Texts& texts) {
  const auto place = [&](std::int32_t& directory, Text& text) {
    const auto path = absolute(pid, directory, texts[text]);
    if (!path) return;
    directory = AT_FDCWD;
    text = texts.intern(below(ground, *path).value_or(*path));
  };
  if (call.op <= Op::kFstatat) place(call.fd, call.text);
  if (call.op == Op::kRenameat || call.op == Op::kLinkat) place(call.fd2, call.text2);
}

constexpr mode_t kModelledUmask = 022;

bool makes_a_file(const Call& call) {
  return call.op == Op::kMkdirat || (call.op == Op::kOpenat && (call.flags & O_CREAT) != 0);
}

}  // namespace

Sight unknown(std::string why) { return UnknownCall{std::move(why)}; }

std::optional<Sight> sight_on_ground(const Ground& ground, const KernelCall& call,
                                     const Reached& found) {
  if (found.reach == Reach::kRefused) {
    if (asks_whether_it_is_a_terminal(call)) return Passes{};
    return unknown(
        fmt::format("makes the call {}{} on a file of the run", found.name, found.paths));
  }
  switch (call.number) {
    case SYS_chdir:
      if (found.path == ground.directory) return Passes{};
      return std::nullopt;
    case SYS_openat:
      if ((call.arguments[2] & O_TMPFILE) == O_TMPFILE) return unknown("opens with O_TMPFILE");
      return std::nullopt;
    case SYS_fcntl:
      if (call.arguments[1] == F_GETFD || call.arguments[1] == F_GETFL) return Passes{};
      if (call.arguments[1] == F_SETLEASE || call.arguments[1] == F_NOTIFY) {
        return unknown("wants to be told of changes by a signal");
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<Sight> sight_of_its_own(const StoppedTracee& tracee, const KernelCall& call) {
  switch (call.number) {
    case SYS_clone3:
      return Settled{-ENOSYS};  // libraries then use clone, whose arguments are in registers
    case SYS_prctl:
      if (call.arguments[0] == PR_SET_PDEATHSIG) return std::nullopt;
      return Passes{};
    case SYS_getrandom:
      return give_chance(tracee, call.arguments[0], call.arguments[1]);
    case SYS_socket:
      return call.arguments[0] == AF_UNIX ? Sight(Passes{}) : unknown("makes a socket");
    case SYS_connect:
      return Settled{-ENOENT};  // of AF_UNIX: nobody of the host is there
    case SYS_getpeername:
    case SYS_getsockopt:  // of whatever passes: an answer, and no effect
    case SYS_setuid:
    case SYS_setgid:
    case SYS_setgroups:
    case SYS_setresuid:
    case SYS_setresgid:
    case SYS_pkey_alloc:
      return Passes{};
    default:
      return std::nullopt;
  }
}

// What is the default from the beginning, and set to it, is nothing new.
Sight sight_of_disposition(const StoppedTracee& tracee, const KernelCall& call,
                           Disposed& disposed) {
  const auto signal = static_cast<int>(call.arguments[0]);
  const unsigned bit = told_bit(signal);
  std::uint64_t action[2] = {};  // the handler, and flags
  const bool sets = call.arguments[1] != 0 && tracee.read(call.arguments[1], action, sizeof action);
  if (!sets || bit == 0 || (action[0] == 0 && (disposed.set & bit) == 0)) return Passes{};
  const auto disposition = static_cast<Disposition>(std::min<std::uint64_t>(action[0], 2));
  const bool restarts = disposition == Disposition::kHandled && (action[1] & SA_RESTART) != 0;
  disposed.set |= bit;
  disposed.restarted = restarts ? disposed.restarted | bit : disposed.restarted & ~bit;
  Call set{.op = Op::kSigaction};
  set.flags = signal;
  set.extra = static_cast<std::int32_t>(restarts ? Disposition::kRestarted : disposition);
  return Matters{set};
}

bool handles(pid_t pid, int signal) { return (signal_masks(pid).caught >> (signal - 1) & 1) != 0; }

Sight sight_of_exec(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) {
  const auto path = tracee.read_text(call.arguments[0], 4096);
  if (!path) return Passes{};
  const auto whole = absolute(tracee.pid(), AT_FDCWD, *path);
  const std::string there = fmt::format("/proc/{}/root{}", tracee.pid(), whole.value_or(*path));
  if (::access(there.c_str(), X_OK) != 0) return Passes{};
  Call exec{.op = Op::kExecvp};
  exec.text = texts.intern(*path);
  return Matters{exec};
}

bool is_about_itself(Op op) {
  return op == Op::kSigaction || op == Op::kGetpid || op == Op::kGetppid || op == Op::kGeteuid;
}

std::variant<Call, UnknownCall> decode_from(const Ground& ground, const StoppedTracee& tracee,
                                            const KernelCall& call, Texts& texts) {
  const KernelCall entered = tracee.call();
  tracee.change(call);
  auto decoded = decode(tracee, texts);
  tracee.change(entered);
  auto* known = std::get_if<Call>(&decoded);
  if (known == nullptr) return decoded;
  place_names(ground, tracee.pid(), *known, texts);
  if (makes_a_file(*known)) {
    const mode_t umask = umask_of(tracee.pid());
    if (umask != kModelledUmask) known->extra &= static_cast<std::int32_t>(~umask);
  }
  return decoded;
}

bool is_made_alike(pid_t pid, const Call& call) {
  if (!makes_a_file(call) || (call.extra & kModelledUmask) == 0) return true;
  return umask_of(pid) == kModelledUmask;
}

Sight give_chance(const StoppedTracee& tracee, std::uint64_t address, std::uint64_t size) {
  const std::string bytes(std::min<std::uint64_t>(size, kMostRandomBytes), kRandomByte);
  if (!tracee.write(address, bytes.data(), bytes.size())) return Settled{-EFAULT};
  return Settled{static_cast<std::int64_t>(bytes.size())};
}

}  // namespace lockproof
