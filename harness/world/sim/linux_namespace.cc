// SPDX-License-Identifier: Apache-2.0
#include "sim/linux_namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "sim/linux_worker.h"

namespace lockproof::sim {
namespace {

// Between the workers' ends of the channels and the controller's.
constexpr int kInitChannel = 190;
constexpr int kFirstOfController = 300;

struct Order {
  int slot;   // to start a worker there; -1: to reap
  pid_t pid;  // whom
};
struct Report {
  pid_t pid;  // who was started or reaped; -1: nobody
  int status;
};

void must(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::abort();
}

void write_file(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  must(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()), path);
  ::close(fd);
}

Report start_worker(int slot) {
  const pid_t child = ::fork();
  if (child != 0) return {child, 0};
  ::close(kInitChannel);
  say_hello(slot);
  serve(slot);
}

Report reap_child(pid_t pid) {
  int status = 0;
  const pid_t reaped = ::waitpid(pid, &status, 0);
  return {reaped, status};
}

// Its session is its own, as that of a container's init is.
[[noreturn]] void be_init(const std::string& directory) {
  must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private mounts");
  must(::mount("proc", "/proc", "proc", 0, nullptr) == 0, "mounting /proc");
  must(::setsid() == 1, "init is no init");
  must(::chdir(directory.c_str()) == 0, "chdir");
  ::syscall(SYS_close_range, 0, kWorkerChannels - 1, 0);
  ::syscall(SYS_close_range, kInitChannel + 1, ~0u, 0);
  for (int fd = 0; fd < 3; ++fd) ::open("/dev/null", O_RDWR);
  ::umask(022);
  Order order{};
  while (::recv(kInitChannel, &order, sizeof order, 0) == static_cast<ssize_t>(sizeof order)) {
    const Report report = order.slot >= 0 ? start_worker(order.slot) : reap_child(order.pid);
    ::send(kInitChannel, &report, sizeof report, MSG_NOSIGNAL);
  }
  ::_exit(0);
}

Report ask(int channel, const Order& order) {
  Report report{-1, 0};
  must(::send(channel, &order, sizeof order, MSG_NOSIGNAL) == sizeof order, "asking init");
  must(::recv(channel, &report, sizeof report, 0) == sizeof report, "init does not answer");
  return report;
}

}  // namespace

void LinuxNamespace::become_root() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (uid == 0) return;
  must(::unshare(CLONE_NEWUSER) == 0, "a user namespace");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", fmt::format("0 {} 1", uid));
  write_file("/proc/self/gid_map", fmt::format("0 {} 1", gid));
}

LinuxNamespace::LinuxNamespace(const std::string& directory) {
  int ends[2];
  must(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "socketpair");
  channel_ = ::fcntl(ends[0], F_DUPFD_CLOEXEC, kFirstOfController);
  must(::dup2(ends[1], kInitChannel) == kInitChannel, "dup2");
  ::close(ends[0]);
  ::close(ends[1]);
  std::fflush(nullptr);
  const unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
  init_ = static_cast<pid_t>(::syscall(SYS_clone, flags, nullptr, nullptr, nullptr, 0));
  must(init_ >= 0, "a pid namespace");
  if (init_ == 0) be_init(directory);
  ::close(kInitChannel);
  const struct timeval patience { 1, 0 };
  ::setsockopt(channel_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

// Who ends as init takes all others of its namespace along, and is reaped after them.
LinuxNamespace::~LinuxNamespace() {
  ::kill(init_, SIGKILL);
  ::waitpid(init_, nullptr, 0);
  ::close(channel_);
}

pid_t LinuxNamespace::start(int slot) { return ask(channel_, {slot, 0}).pid; }

std::optional<int> LinuxNamespace::reap(pid_t pid) {
  const Report report = ask(channel_, {-1, pid});
  return report.pid == pid ? std::optional(report.status) : std::nullopt;
}

}  // namespace lockproof::sim
