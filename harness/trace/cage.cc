// SPDX-License-Identifier: Apache-2.0
#include "trace/cage.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

#include "core/fd.h"
#include "trace/descendants.h"
#include "trace/memory_keeper.h"
#include "trace/namespaces.h"

namespace lockproof {
namespace {

volatile std::sig_atomic_t end_requested = 0;

void on_end_request(int) { end_requested = 1; }

constexpr const char* kShm = "/dev/shm";
// Bounds what subjects can write; a lock's files are a few kilobytes, and the witness page is 8
// MiB.
constexpr const char* kShmOptions = "mode=1777,size=256m,nr_inodes=100k";

unsigned long namespaces_of(Cage::Kind kind) {
  switch (kind) {
    case Cage::Kind::kNamespaces:
      return CLONE_NEWPID | CLONE_NEWNS;
    case Cage::Kind::kUserNamespaces:
      return CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS;
    case Cage::Kind::kSubreaper:
      return 0;
  }
  return 0;
}

std::string make_directory(Cage& cage) {
  if (cage.kind == Cage::Kind::kSubreaper) {
    const bool shm = ::access(kShm, W_OK | X_OK) == 0;
    std::string pattern = std::string(shm ? kShm : "/tmp") + "/lockproof.XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) return "mkdtemp " + pattern;
    cage.dir = pattern;
    return "";
  }
  cage.dir = std::string(kShm) + "/lockproof";
  cage.private_device = true;
  return ::mkdir(cage.dir.c_str(), 0700) == 0 ? "" : "mkdir " + cage.dir;
}

void prepare_signals(Cage::Kind kind, int alive) {
  struct sigaction action {};
  action.sa_handler = on_end_request;
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // An init takes its namespace along when it is killed. Without one, the engine has to tidy up, so
  // it is only told.
  ::prctl(PR_SET_PDEATHSIG, kind == Cage::Kind::kSubreaper ? SIGTERM : SIGKILL);
  // The caller may have died before that; then its end of this pipe is closed.
  struct pollfd poll_alive {
    alive, POLLIN, 0
  };
  if (::poll(&poll_alive, 1, 0) != 0) ::_exit(1);
}

struct Pipes {
  Fd out_read, out_write;      // the engine's result
  Fd ready_read, ready_write;  // "" and end of file: the cage stands; else what failed
  Fd alive_read, alive_write;  // never written: end of file is the caller's death
};

std::optional<Pipes> make_pipes() {
  std::array<std::array<int, 2>, 3> fds{};
  for (auto& pair : fds) {
    if (::pipe2(pair.data(), O_CLOEXEC) != 0) return std::nullopt;
  }
  return Pipes{Fd(fds[0][0]), Fd(fds[0][1]), Fd(fds[1][0]),
               Fd(fds[1][1]), Fd(fds[2][0]), Fd(fds[2][1])};
}

std::string set_up(Cage& cage, Pipes& pipes, uid_t uid, gid_t gid) {
  pipes.out_read.reset();
  pipes.ready_read.reset();
  pipes.alive_write.reset();
  prepare_signals(cage.kind, pipes.alive_read.get());
  ::setsid();
  std::string failed;
  if (cage.kind == Cage::Kind::kUserNamespaces) failed = map_ids(uid, uid, gid, gid);
  if (cage.kind != Cage::Kind::kSubreaper) {
    if (failed.empty()) failed = make_mounts_private();
    if (failed.empty()) failed = mount_proc();
    if (failed.empty()) failed = mount_tmpfs(kShm, kShmOptions);
  }
  if (cage.kind == Cage::Kind::kSubreaper) ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (failed.empty()) failed = make_directory(cage);
  if (!failed.empty()) failed += fmt::format(": {}", strerror(errno));
  return failed;
}

[[noreturn]] void be_engine(Cage cage, Pipes& pipes, uid_t uid, gid_t gid,
                            const std::function<void(const Cage&, int)>& inside) {
  const std::string failed = set_up(cage, pipes, uid, gid);
  if (!failed.empty()) {
    [[maybe_unused]] const auto told =
        ::write(pipes.ready_write.get(), failed.data(), failed.size());
    ::_exit(1);
  }
  pipes.ready_write.reset();
  std::optional<MemoryKeeper> keeper;  // its end is that of the namespace
  if (cage.kind != Cage::Kind::kSubreaper) keeper.emplace();
  inside(cage, pipes.out_write.get());
  if (cage.kind == Cage::Kind::kSubreaper) {
    kill_descendants();
    std::error_code ignored;
    std::filesystem::remove_all(cage.dir, ignored);
  }
  ::_exit(0);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size > 0) text.append(buffer.data(), static_cast<std::size_t>(size));
    if (size == 0 || (size < 0 && errno != EINTR)) return text;
  }
}

// The caller's side while the engine runs: collects its result and passes on the user's wish to
// end.
class Attendance {
 public:
  Attendance() {
    sigset_t set;
    ::sigemptyset(&set);
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, signal);
    ::sigprocmask(SIG_BLOCK, &set, &before_);
    signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC));
  }
  ~Attendance() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

  CageOutcome attend(int pidfd, int out) {
    CageOutcome outcome;
    std::array<char, 65536> buffer;
    for (;;) {
      struct pollfd fds[2] = {{out, POLLIN, 0}, {signals_.get(), POLLIN, 0}};
      if (::poll(fds, 2, -1) < 0 && errno != EINTR) break;
      if (fds[1].revents != 0) pass_on(pidfd, outcome);
      if (fds[0].revents == 0) continue;
      const ssize_t size = ::read(out, buffer.data(), buffer.size());
      if (size == 0 || (size < 0 && errno != EINTR)) break;
      if (size > 0) outcome.output.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return outcome;
  }

 private:
  void pass_on(int pidfd, CageOutcome& outcome) {
    struct signalfd_siginfo info {};
    if (::read(signals_.get(), &info, sizeof info) != sizeof info) return;
    const int signal = outcome.interrupted ? SIGKILL : SIGTERM;
    outcome.interrupted = true;
    ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0);
  }

  sigset_t before_{};
  Fd signals_;
};

int reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

constexpr Cage::Kind kBestFirst[] = {Cage::Kind::kNamespaces, Cage::Kind::kUserNamespaces,
                                     Cage::Kind::kSubreaper};

}  // namespace

Result<CageOutcome> run_caged_as(Cage::Kind kind,
                                 const std::function<void(const Cage&, int)>& inside) {
  auto pipes = make_pipes();
  if (!pipes)
    return environment_error(ErrorCode::kNoNamespaces, fmt::format("pipe: {}", strerror(errno)));
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  Attendance attendance;  // before the fork: a signal in between must not be lost
  ::fflush(nullptr);
  const pid_t pid = fork_into(namespaces_of(kind));
  if (pid < 0)
    return environment_error(ErrorCode::kNoNamespaces, fmt::format("clone: {}", strerror(errno)));
  if (pid == 0) be_engine(Cage{kind, "", false}, *pipes, uid, gid, inside);

  pipes->out_write.reset();
  pipes->ready_write.reset();
  pipes->alive_read.reset();
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const std::string failed = read_all(pipes->ready_read.get());
  if (!failed.empty()) {
    reap(pid);
    return environment_error(ErrorCode::kNoNamespaces, failed);
  }
  const MemoryKeeper keeper;
  CageOutcome outcome = attendance.attend(pidfd.get(), pipes->out_read.get());
  outcome.kind = kind;
  outcome.wait_status = reap(pid);
  return outcome;
}

bool cage_end_requested() { return end_requested != 0; }

Result<CageOutcome> run_caged(const std::function<void(const Cage&, int)>& inside) {
  Error last = environment_error(ErrorCode::kNoNamespaces, "no cage");
  for (Cage::Kind kind : kBestFirst) {
    auto outcome = run_caged_as(kind, inside);
    if (outcome) return outcome;
    last = outcome.error();
  }
  return last;
}

CageProbe probe_cage() {
  CageProbe probe{Cage::Kind::kSubreaper, ""};
  for (Cage::Kind kind : kBestFirst) {
    const auto outcome = run_caged_as(kind, [](const Cage&, int) {});
    if (outcome) {
      probe.kind = kind;
      return probe;
    }
    if (!probe.reduced.empty()) probe.reduced += "; ";
    probe.reduced += fmt::format("{}: {}", describe(kind), outcome.error().sentence);
  }
  return probe;
}

std::string_view describe(Cage::Kind kind) {
  switch (kind) {
    case Cage::Kind::kNamespaces:
      return "pid and mount namespaces";
    case Cage::Kind::kUserNamespaces:
      return "user, pid and mount namespaces";
    case Cage::Kind::kSubreaper:
      return "subreaper and parent-death signal";
  }
  return "";
}

}  // namespace lockproof
