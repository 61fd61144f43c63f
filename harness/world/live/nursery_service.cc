// SPDX-License-Identifier: Apache-2.0
#include "live/nursery_service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "live/messages.h"
#include "live/nursery.h"
#include "live/subject_process.h"
#include "trace/namespaces.h"

namespace lockproof::live {
namespace {

// Bounds what subjects can write: a lock's files are a few kilobytes.
constexpr const char* kHomeOptions = "mode=700,size=16m,nr_inodes=10k";

Report report_of(int error, std::string_view sentence) {
  Report report;
  report.error = error;
  const std::size_t size = std::min(sentence.size(), sizeof report.sentence - 1);
  std::memcpy(report.sentence, sentence.data(), size);
  return report;
}

// A new network namespace has its loopback down.
bool raise_loopback() {
  const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct ifreq request {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(any.get(), SIOCSIFFLAGS, &request) == 0;
}

std::string enter(uid_t uid, gid_t gid) {
  std::string failed;
  // As in the simulated kernel, processes are root, if only here.
  if (uid != 0) failed = map_ids(0, uid, 0, gid);
  if (failed.empty()) failed = make_mounts_private();
  if (failed.empty()) failed = mount_proc();
  if (failed.empty() && !raise_loopback()) failed = "the loopback device";
  if (!failed.empty()) failed += fmt::format(": {}", std::strerror(errno));
  return failed;
}

bool make_file(const StartFile& file) {
  const std::string path = std::string(kHome) + "/" + file.name;
  for (std::size_t at = path.find('/', std::strlen(kHome) + 1); at != path.npos;
       at = path.find('/', at + 1)) {
    if (::mkdir(path.substr(0, at).c_str(), 0700) != 0 && errno != EEXIST) return false;
  }
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  return fd && ::write(fd.get(), file.content.data(), file.content.size()) ==
                   static_cast<ssize_t>(file.content.size());
}

// A home with the files of the start, which is reported; or why not, and then that is the end.
void furnish(const Start& start, int channel) {
  std::string failed = mount_tmpfs(kHome, kHomeOptions);
  int error = EPERM;
  for (const StartFile& file : start.files) {
    if (!failed.empty() || make_file(file)) continue;
    failed = fmt::format("'{}' cannot be made: {}", file.name, std::strerror(errno));
    error = EINVAL;
  }
  if (!failed.empty()) {
    send_report(channel, report_of(error, failed));
    ::_exit(1);
  }
  const Fd home(::open(kHome, O_PATH | O_DIRECTORY | O_CLOEXEC));
  send_report(channel, Report{}, home.get());
}

// Dispositions and masks that were inherited from a command line, or a test, mean nothing here.
void forget_signals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

class Service {
 public:
  Service(const Start& start, int channel) : start_(start), channel_(channel) {}

  [[noreturn]] void serve() {
    while (const auto order = receive_order(channel_)) {
      switch (order->what) {
        case Order::What::kSpawn:
          spawn(*order);
          break;
        case Order::What::kSetNextPid:
          say(write_file("/proc/sys/kernel/ns_last_pid", std::to_string(order->pid - 1)) ? 0
                                                                                         : errno);
          break;
        case Order::What::kReap:
          say(::waitpid(order->pid, nullptr, 0) == order->pid ? 0 : errno);
          break;
        case Order::What::kClear:
          while (::waitpid(-1, nullptr, 0) > 0) {
          }
          ::umount2(kHome, MNT_DETACH);
          furnish(start_, channel_);
          break;
      }
    }
    ::_exit(0);
  }

 private:
  void say(int error, int fd = -1) const { send_report(channel_, report_of(error, ""), fd); }

  void spawn(const Order& order) const {
    int pidfd = -1;
    pid_t pid = order.pid;
    clone_args args{};
    args.flags = CLONE_PIDFD;
    args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    args.exit_signal = SIGCHLD;
    args.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
    args.set_tid_size = 1;
    const long made = ::syscall(SYS_clone3, &args, sizeof args);
    if (made == 0) {
      if (order.program == kStranger) live_as_stranger();
      live_as(*start_.cast[order.program], *start_.texts);
    }
    if (made < 0) return say(errno);
    const Fd owned(pidfd);
    say(0, pidfd);
  }

  const Start& start_;
  const int channel_;
};

}  // namespace

void serve_births(const Start& start, int channel, uid_t uid, gid_t gid) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setsid();
  forget_signals();
  const std::string failed = enter(uid, gid);
  if (!failed.empty()) {
    send_report(channel, report_of(EPERM, failed));
    ::_exit(1);
  }
  ::umask(022);
  furnish(start, channel);
  Service(start, channel).serve();
}

}  // namespace lockproof::live
