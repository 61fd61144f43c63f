// SPDX-License-Identifier: Apache-2.0
// What a call of a program of somebody else is to the run: a step, or nothing that anybody else can
// notice, which passes; or something whose effects on others are not known, which is refused.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>

#include "live/live_world.h"
#include "live/program_sight.h"
#include "live/signals.h"
#include "program/newer_form.h"
#include "trace/call_filter.h"

namespace lockproof::live {
namespace {

constexpr std::size_t kMostRandomBytes = 4096;
constexpr char kRandomByte = 0x5a;

// N of "/proc/N/..."; 0: not of that form.
int pid_named_by(std::string_view path) {
  constexpr std::string_view kProc = "/proc/";
  if (!path.starts_with(kProc)) return 0;
  return std::atoi(std::string(path.substr(kProc.size())).c_str());
}

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return path.ends_with(end); });
}

}  // namespace

LiveWorld::Sight LiveWorld::sight_of(Process& process) {
  process.entered = process.tracee->call();
  process.raw = newer_form(process.entered);
  process.waits_on = false;
  if (process.raw.number >= static_cast<long>(OwnCall::kReady)) return own_call(process);
  for (const auto look : {&LiveWorld::waiting_call, &LiveWorld::file_call, &LiveWorld::process_call,
                          &LiveWorld::time_call}) {
    if (auto sight = (this->*look)(process)) return *sight;
  }
  return Sight::unknown(fmt::format("makes the call {}, which is not known", process.raw.number));
}

LiveWorld::Sight LiveWorld::own_call(Process& process) {
  const KernelCall& call = process.raw;
  if (call.number == static_cast<long>(OwnCall::kReady)) return Sight::answered(0);
  if (call.number == static_cast<long>(OwnCall::kLost)) {
    std::string why(std::min<std::uint64_t>(call.arguments[1], kMostTextBytes), '\0');
    process.tracee->read(call.arguments[0], why.data(), why.size());
    return Sight::unknown(why);
  }
  if (call.number != static_cast<long>(OwnCall::kOwner)) return Sight::answered(-ENOSYS);
  if (place_of(process) != process.root) {
    process.said.push_back(
        {Kind::kStart, Phase::kPoint, static_cast<std::int8_t>(Role::kContender)});
  }
  process.said.push_back({Kind::kOwns});
  processes_[process.root].has_owned = true;
  process.call = Call{.op = Op::kHold};
  return Sight::step();
}

// Of a call that leads to files.
std::optional<LiveWorld::Sight> LiveWorld::file_call(Process& process) {
  const KernelCall& call = process.raw;
  const Reached found = reached(ground_, *process.tracee, call);
  switch (found.reach) {
    case Reach::kUnknownCall:
      return std::nullopt;
    case Reach::kElsewhere:
      return elsewhere(process, found);
    case Reach::kRefused:
      if (call.number == SYS_ioctl &&
          (call.arguments[1] == TCGETS || call.arguments[1] == TIOCGWINSZ)) {
        return Sight::passes();  // is it a terminal?
      }
      return Sight::unknown(
          fmt::format("makes the call {}{} on a file of the run", found.name, found.paths));
    case Reach::kGround:
      break;
  }
  switch (call.number) {
    case SYS_chdir:
      if (found.paths.size() == home_.size() + 3)
        return Sight::passes();  // to the directory itself
      return decoded(process, found);
    case SYS_openat:
      if ((call.arguments[2] & O_TMPFILE) == O_TMPFILE)
        return Sight::unknown("opens with O_TMPFILE");
      return decoded(process, found);
    case SYS_fcntl:
      switch (call.arguments[1]) {
        case F_GETFD:
        case F_GETFL:
          return Sight::passes();
        case F_SETLEASE:
        case F_NOTIFY:
          return Sight::unknown("wants to be told of changes by a signal");
        default:
          return decoded(process, found);
      }
    default:
      return decoded(process, found);
  }
}

// Nobody changes it, so it makes no difference when; but for processes as files.
LiveWorld::Sight LiveWorld::elsewhere(Process& process, const Reached& found) {
  const KernelCall& call = process.raw;
  if (call.number == SYS_write || call.number == SYS_writev) return listen(process);
  const bool reads = call.number == SYS_read || call.number == SYS_pread64;
  std::string path = found.path;
  if (reads || call.number == SYS_getdents64) {
    path = what_is_open(process, static_cast<int>(call.arguments[0]));
  }
  const int pid = pid_named_by(path);
  if (path == "/proc" && call.number == SYS_getdents64) return decoded(process, found);
  if (pid == 0 || pid == process.pid) return Sight::passes();
  if (path.ends_with("/stat")) return decoded(process, found);
  if (!reads) return other_call(process, fmt::format("{}{}", found.name, found.paths));
  if (ends_with_any(path, {"/cmdline", "/comm"})) return other_call(process, "read " + path);
  return Sight::unknown(fmt::format("reads {}, which is another one here", path));
}

LiveWorld::Sight LiveWorld::other_call(Process& process, const std::string& text) {
  process.call = Call{.op = Op::kOther};
  process.call.text = start_.texts->intern(text.substr(0, kMostTextBytes));
  return Sight::step();
}

// What a Call can say, or the text of it.
LiveWorld::Sight LiveWorld::decoded(Process& process, const Reached& found) {
  process.tracee->change(process.raw);
  const auto call = decode(*process.tracee, *start_.texts);
  process.tracee->change(process.entered);
  if (std::holds_alternative<UnknownCall>(call)) {
    if (found.name.empty()) return Sight::unknown(std::get<UnknownCall>(call).why);
    return other_call(process, fmt::format("{}{}", found.name, found.paths));
  }
  process.call = std::get<Call>(call);
  place_names(process);
  process.descriptors.translate(process.call);
  return Sight::step();
}

// Names are said from the run's directory, wherever the process is.
void LiveWorld::place_names(Process& process) {
  Call& call = process.call;
  const auto place = [&](std::int32_t& directory, Text& text) {
    const auto path = absolute(process.host_pid, directory, (*start_.texts)[text]);
    if (!path) return;
    directory = AT_FDCWD;
    text = start_.texts->intern(below(ground_, *path).value_or(*path));
  };
  if (call.op <= Op::kFstatat || call.op == Op::kAccess) place(call.fd, call.text);
  if (call.op == Op::kRenameat || call.op == Op::kLinkat) place(call.fd2, call.text2);
}

bool LiveWorld::has_children(const Process& process) const {
  const auto place = static_cast<int>(place_of(process));
  return std::any_of(processes_.begin(), processes_.end(), [&](const Process& other) {
    return other.state != ProcessState::kGone && other.parent == place;
  });
}

// Exec closes what is marked, which others notice where it is of the run.
bool LiveWorld::exec_is_noticed(const Process& process) const {
  const std::string folder = fmt::format("/proc/{}/fd", process.host_pid);
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    const int fd = std::atoi(entry.path().filename().c_str());
    if (!is_on(ground_, process.host_pid, fd)) continue;
    const auto flags = descriptor_info(process, fd, "flags:");
    if (!flags.empty() && (std::stoul(flags.front(), nullptr, 8) & O_CLOEXEC) != 0) return true;
  }
  return false;
}

bool LiveWorld::closes_files(const Process& process) const {
  const auto& [first, last, flags] =
      std::tie(process.raw.arguments[0], process.raw.arguments[1], process.raw.arguments[2]);
  if ((flags & CLOSE_RANGE_CLOEXEC) != 0) return true;
  const std::string folder = fmt::format("/proc/{}/fd", process.host_pid);
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    const int fd = std::atoi(entry.path().filename().c_str());
    const auto number = static_cast<std::uint64_t>(fd);
    if (number >= first && number <= last && is_on(ground_, process.host_pid, fd)) return true;
  }
  return false;
}

std::optional<LiveWorld::Sight> LiveWorld::process_call(Process& process) {
  const KernelCall& call = process.raw;
  switch (call.number) {
    case SYS_clone:
      if ((call.arguments[0] & CLONE_THREAD) != 0) return Sight::unknown("starts a thread");
      return decoded(process, {});
    case SYS_clone3:
      return Sight::answered(
          -ENOSYS);  // libraries then use clone, whose arguments are in registers
    case SYS_fork:
    case SYS_kill:
    case SYS_setsid:
    case SYS_pidfd_open:
    case SYS_pidfd_send_signal:
      return decoded(process, {});
    case SYS_execve: {
      if (!exec_is_noticed(process)) return Sight::passes();
      process.call = Call{.op = Op::kExecvp};
      const auto path = process.tracee->read_text(call.arguments[0], kMostTextBytes);
      process.call.text = start_.texts->intern(path.value_or(""));
      return Sight::step();
    }
    case SYS_exit_group:
      say_end(process);
      return decoded(process, {});
    case SYS_wait4:
      return decoded(process, {});
    case SYS_getppid:
      return decoded(process, {});
    case SYS_prctl:
      return call.arguments[0] == PR_SET_PDEATHSIG ? decoded(process, {}) : Sight::passes();
    case SYS_rt_sigaction: {
      const unsigned bit = told_bit(static_cast<int>(call.arguments[0]));
      std::uint64_t handler = 0;
      const bool sets = call.arguments[1] != 0 &&
                        process.tracee->read(call.arguments[1], &handler, sizeof handler);
      // What is the default from the beginning, and set to it, is nothing new.
      if (!sets || bit == 0 || (handler == 0 && (process.disposed & bit) == 0)) {
        return Sight::passes();
      }
      process.disposed |= bit;
      process.call = Call{.op = Op::kSigaction};
      process.call.flags = static_cast<int>(call.arguments[0]);
      process.call.extra = static_cast<std::int32_t>(std::min<std::uint64_t>(handler, 2));
      return Sight::step();
    }
    case SYS_getrandom: {
      const std::string bytes(std::min<std::uint64_t>(call.arguments[1], kMostRandomBytes),
                              kRandomByte);
      process.tracee->write(call.arguments[0], bytes.data(), bytes.size());
      return Sight::answered(static_cast<std::int64_t>(bytes.size()));
    }
    case SYS_close_range:
      return closes_files(process) ? other_call(process, "close_range") : Sight::passes();
    case SYS_socket:
      if (call.arguments[0] == AF_UNIX) return Sight::passes();
      return Sight::unknown("makes a socket");
    case SYS_connect:
      return Sight::answered(-ENOENT);  // of AF_UNIX: nobody of the host is there
    case SYS_setuid:
    case SYS_setgid:
    case SYS_setgroups:
    case SYS_setresuid:
    case SYS_setresgid:
    case SYS_pkey_alloc:
      return Sight::passes();
    default:
      return std::nullopt;
  }
}

}  // namespace lockproof::live
