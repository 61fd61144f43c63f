// SPDX-License-Identifier: Apache-2.0
// What a call of a program of somebody else is to the run: a step, or nothing that anybody else can
// notice, which passes; or something whose effects on others are not known, which is refused.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "live/live_world.h"
#include "program/newer_form.h"
#include "trace/call_filter.h"

namespace lockproof::live {
namespace {

constexpr std::size_t kMostTextBytes = 1000;

// N of "/proc/N/..."; 0: not of that form.
int pid_named_by(std::string_view path) {
  constexpr std::string_view kProc = "/proc/";
  if (!path.starts_with(kProc)) return 0;
  return std::atoi(std::string(path.substr(kProc.size())).c_str());
}

bool locks_a_file(const KernelCall& call) {
  if (call.number == SYS_flock) return true;
  const auto command = static_cast<int>(call.arguments[1]);
  return call.number == SYS_fcntl && (command == F_SETLK || command == F_SETLKW ||
                                      command == F_OFD_SETLK || command == F_OFD_SETLKW);
}

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return path.ends_with(end); });
}

}  // namespace

Sight LiveWorld::sight_of(Process& process) {
  process.entered = process.tracee->call();
  process.raw = newer_form(process.entered);
  process.reads_signals.reset();
  process.waits_on = false;
  if (process.raw.number >= static_cast<long>(OwnCall::kReady)) return own_call(process);
  for (const auto look : {&LiveWorld::waiting_call, &LiveWorld::file_call, &LiveWorld::process_call,
                          &LiveWorld::time_call}) {
    if (auto sight = (this->*look)(process)) return *sight;
  }
  return unknown(fmt::format("makes the call {}, which is not known", process.raw.number));
}

Sight LiveWorld::own_call(Process& process) {
  const KernelCall& call = process.raw;
  if (call.number == static_cast<long>(OwnCall::kReady)) return Settled{0};
  if (call.number == static_cast<long>(OwnCall::kLost)) {
    std::string why(std::min<std::uint64_t>(call.arguments[1], kMostTextBytes), '\0');
    process.tracee->read(call.arguments[0], why.data(), why.size());
    return unknown(why);
  }
  if (call.number != static_cast<long>(OwnCall::kOwner)) return Settled{-ENOSYS};
  process.hearing->owner(process.said);
  processes_[process.root].hearing->owns_by_child();
  return Matters{Call{.op = Op::kHold}};
}

Sight LiveWorld::leaves(Process& process) {
  const int status = static_cast<int>(process.raw.arguments[0] & 0xff);
  const std::string wrong = process.hearing->exit(status, process.said);
  if (wrong.empty()) return decoded(process, {});
  return UnknownCall{wrong, ErrorCode::kDoesNotRun};
}

// Of a call that leads to files.
std::optional<Sight> LiveWorld::file_call(Process& process) {
  const KernelCall& call = process.raw;
  const Reached found = reached(ground_, *process.tracee, call, process.descriptors);
  switch (found.reach) {
    case Reach::kUnknownCall:
      return std::nullopt;
    case Reach::kElsewhere:
      return elsewhere(process, found);
    case Reach::kRefused:
    case Reach::kGround:
      break;
  }
  if (auto sight = sight_on_ground(ground_, call, found)) return sight;
  return decoded(process, found);
}

// Nobody changes it, so it makes no difference when; but for processes as files.
Sight LiveWorld::elsewhere(Process& process, const Reached& found) {
  const KernelCall& call = process.raw;
  if (call.number == SYS_write || call.number == SYS_writev) {
    const std::string wrong = process.hearing->write(*process.tracee, call, process.said);
    return wrong.empty() ? Sight(Passes{}) : unknown(wrong);
  }
  const bool reads = call.number == SYS_read || call.number == SYS_pread64;
  std::string path = found.path;
  if (reads || call.number == SYS_getdents64) {
    path = what_is_open(process.host_pid, static_cast<int>(call.arguments[0]));
  }
  if (path.starts_with("/proc/self") || path.starts_with("/proc/thread-self")) {
    process.asked_who_it_is = true;
  }
  if (locks_a_file(call)) process.locks_elsewhere = true;
  const int pid = pid_named_by(path);
  if (path == "/proc" && call.number == SYS_getdents64) return decoded(process, found);
  if (pid == 0 || pid == process.pid) return Passes{};
  if (path.ends_with("/stat")) return decoded(process, found);
  if (!reads) return other_call(fmt::format("{}{}", found.name, found.paths));
  if (ends_with_any(path, {"/cmdline", "/comm"})) return other_call("read " + path);
  return unknown(fmt::format("reads {}, which is another one here", path));
}

Sight LiveWorld::other_call(const std::string& text) {
  Call call{.op = Op::kOther};
  call.text = start_.texts->intern(text.substr(0, kMostTextBytes));
  return Matters{call};
}

// What a Call can say, or the text of it.
Sight LiveWorld::decoded(const Process& process, const Reached& found) {
  auto asked = decode_from(ground_, *process.tracee, process.raw, *start_.texts);
  if (auto* why = std::get_if<UnknownCall>(&asked)) {
    if (found.name.empty()) return *why;
    return other_call(fmt::format("{}{}", found.name, found.paths));
  }
  Call call = std::get<Call>(asked);
  process.descriptors.translate(call);
  return Matters{call};
}

bool LiveWorld::has_children(const Process& process) const {
  const auto place = static_cast<int>(place_of(process));
  return std::any_of(processes_.begin(), processes_.end(), [&](const Process& other) {
    return other.state != ProcessState::kGone && other.parent == place;
  });
}

// Exec closes what is marked, which others notice where it is of the run, and ends handlers.
bool LiveWorld::exec_is_noticed(const Process& process) const {
  const pid_t pid = process.host_pid;
  if (handles(pid, SIGTERM)) return true;
  if (process.hearing->launches() && handles(pid, SIGCHLD)) return true;
  const std::vector<int> fds = open_descriptors(pid);
  return std::any_of(fds.begin(), fds.end(),
                     [&](int fd) { return is_on(ground_, pid, fd) && closes_on_exec(pid, fd); });
}

// Who owns has just said so: it counts when this is asked (world.h, rule 4). Threads ask it in no
// order of their own.
bool LiveWorld::asks_who_it_is_in_time(const Process& process) const {
  return process.threads.empty() &&
         std::any_of(process.said.begin(), process.said.end(),
                     [](const Said& word) { return word.kind == Kind::kOwns; });
}

bool LiveWorld::closes_files(const Process& process) const {
  const auto& [first, last, flags] =
      std::tie(process.raw.arguments[0], process.raw.arguments[1], process.raw.arguments[2]);
  if ((flags & CLOSE_RANGE_CLOEXEC) != 0) return true;
  for (const int fd : open_descriptors(process.host_pid)) {
    const auto number = static_cast<std::uint64_t>(fd);
    if (number >= first && number <= last && is_on(ground_, process.host_pid, fd)) return true;
  }
  return false;
}

std::optional<Sight> LiveWorld::process_call(Process& process) {
  const KernelCall& call = process.raw;
  if (auto sight = sight_of_alarm(*process.tracee, call, process.timers)) return sight;
  if (auto sight = sight_of_its_own(*process.tracee, call)) return sight;
  switch (call.number) {
    case SYS_clone:
      if ((call.arguments[0] & CLONE_THREAD) == 0) return decoded(process, {});
      nursery_->set_next_pid(process.space, root_pid(process.space, next_tid()));
      return Passes{};
    case SYS_fork:
    case SYS_kill:
    case SYS_setsid:
    case SYS_pidfd_open:
    case SYS_pidfd_send_signal:
    case SYS_wait4:
    case SYS_getppid:
    case SYS_prctl:
      return decoded(process, {});
    case SYS_execve:
      if (!exec_is_noticed(process)) return Passes{};
      return sight_of_exec(*process.tracee, call, *start_.texts);
    case SYS_exit_group:
      return leaves(process);
    case SYS_rt_sigaction:
      return sight_of_disposition(*process.tracee, call, process.disposed);
    case SYS_getpid:
    case SYS_gettid:
      if (asks_who_it_is_in_time(process)) return Matters{Call{.op = Op::kGetpid}};
      process.asked_who_it_is = true;
      return Passes{};
    case SYS_close_range:
      return closes_files(process) ? other_call("close_range") : Passes{};
    default:
      return std::nullopt;
  }
}

}  // namespace lockproof::live
