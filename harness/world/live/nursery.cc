// SPDX-License-Identifier: Apache-2.0
#include "live/nursery.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "live/messages.h"
#include "live/nursery_service.h"
#include "program/command.h"
#include "trace/descendants.h"
#include "trace/namespaces.h"

namespace lockproof::live {
namespace {

Error broken(const char* what) {
  return environment_error(ErrorCode::kNoNamespaces,
                           fmt::format("{}: {}", what, std::strerror(errno)));
}

// Whom a pidfd names, as this process knows it; 0: nobody.
pid_t pid_behind(int pidfd) {
  const std::string path = fmt::format("/proc/self/fdinfo/{}", pidfd);
  FILE* const info = std::fopen(path.c_str(), "re");
  if (info == nullptr) return 0;
  char line[128];
  int pid = 0;
  while (std::fgets(line, sizeof line, info) != nullptr) {
    if (std::sscanf(line, "Pid: %d", &pid) == 1) break;
  }
  std::fclose(info);
  return pid;
}

const Command* first_command(const Start& start) {
  for (const Program* program : start.cast) {
    if (program->command() != nullptr) return program->command();
  }
  return nullptr;
}

// Blocks until somebody of ours has ended who was not waited for.
bool is_next(siginfo_t& ended) {
  int done = -1;
  while ((done = ::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT | __WALL)) < 0 && errno == EINTR) {
  }
  return done == 0;
}

bool is_below(pid_t pid, pid_t ancestor) {
  for (std::optional<pid_t> at = pid; at && *at > 1; at = parent_of(*at)) {
    if (*at == ancestor) return true;
  }
  return false;
}

}  // namespace

bool has_commands(const Start& start) { return first_command(start) != nullptr; }

std::string home_of(const Start& start) {
  const Command* const command = first_command(start);
  return command == nullptr ? kHome : command->directory;
}

Result<std::unique_ptr<Nursery>> Nursery::open(const Start& start) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return broken("socketpair");
  Fd ours(ends[0]);
  Fd theirs(ends[1]);
  unsigned long namespaces = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET;
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (uid != 0) namespaces |= CLONE_NEWUSER;
  auto page = std::make_unique<SharedPage>();
  std::fflush(nullptr);  // or a process of the run would print what was buffered
  const pid_t pid = fork_into(namespaces);
  if (pid < 0) return broken("clone");
  if (pid == 0) {
    ours.reset();  // or the end of the caller would not be the end of its orders
    serve_births(start, *page, theirs.get(), uid, gid);
  }
  theirs.reset();
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  std::unique_ptr<Nursery> nursery(
      new Nursery(pid, std::move(pidfd), std::move(ours), std::move(page)));
  if (auto ready = nursery->take_home(); !ready.ok()) return ready.error();
  nursery->has_spaces_ = std::any_of(start.namespaces.begin(), start.namespaces.end(),
                                     [](unsigned space) { return space != 0; });
  struct stat home {};
  if (start.files.empty() && ::fstat(nursery->home(), &home) == 0) nursery->empty_home_ = home;
  return nursery;
}

Result<> Nursery::take_home() {
  auto ready = receive_report(channel_.get());
  if (!ready)
    return environment_error(ErrorCode::kNoNamespaces,
                             "the init of a run's namespaces ended before it began");
  const Report& report = ready->report;
  if (report.error != 0) {
    const auto kind = report.error == EINVAL ? Error::Kind::kUsage : Error::Kind::kEnvironment;
    return Error{kind, ErrorCode::kNoNamespaces, report.sentence};
  }
  if (ready->fd) home_ = std::move(ready->fd);
  return Nothing{};
}

// A directory of tmpfs is as many bytes long as it has names, so what most runs leave behind, no
// file at all, is seen from here, which saves the init of the run to open and to read it.
bool Nursery::home_is_empty() const {
  struct stat home {};
  return empty_home_ && ::fstat(home_.get(), &home) == 0 && home.st_size == empty_home_->st_size &&
         home.st_mode == empty_home_->st_mode && home.st_uid == empty_home_->st_uid &&
         home.st_gid == empty_home_->st_gid;
}

Result<> Nursery::clear() {
  const bool empty = home_is_empty();
  if (empty && !keeps_zombies_ && !has_spaces_) return Nothing{};
  keeps_zombies_ = false;
  const auto what = empty ? Order::What::kReapAll : Order::What::kClear;
  send_order(channel_.get(), {what, 0, 0, 0});
  return take_home();
}

// Its init has ended when all of its namespace are gone, and who was traced is gone when its
// tracer, this process, has waited for it: also who was ended by somebody else, of which no run
// knows.
Nursery::~Nursery() {
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  for (siginfo_t ended{}; is_next(ended);) {
    if (ended.si_pid != pid_ && !is_below(ended.si_pid, pid_)) break;
    ::waitpid(ended.si_pid, nullptr, __WALL);
    if (ended.si_pid == pid_) return;
  }
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<Received> Nursery::ask(Order::What what, unsigned space, unsigned program,
                                     int pid) const {
  send_order(channel_.get(), {what, space, program, own_pid(space, pid)});
  return receive_report(channel_.get());
}

Result<Newborn> Nursery::spawn(unsigned program, unsigned space, int pid) {
  auto received = ask(Order::What::kSpawn, space, program, pid);
  if (!received)
    return environment_error(ErrorCode::kNoNamespaces, "the init of the run's namespaces is gone");
  if (received->report.error != 0) {
    errno = received->report.error;
    return broken("clone3 with a pid that was chosen");
  }
  Newborn born;
  born.pidfd = std::move(received->fd);
  born.pid = pid_behind(born.pidfd.get());
  if (born.pid <= 1)
    return environment_error(ErrorCode::kNoNamespaces,
                             "/proc/self/fdinfo does not name the process");
  return born;
}

void Nursery::set_next_pid(unsigned space, int pid) {
  ask(Order::What::kSetNextPid, space, 0, pid);
}

void Nursery::keep_zombies() {
  if (!std::exchange(keeps_zombies_, true)) ask(Order::What::kKeepZombies, 0, 0, 0);
}

void Nursery::reap(unsigned space, int pid) { ask(Order::What::kReap, space, 0, pid); }

}  // namespace lockproof::live
