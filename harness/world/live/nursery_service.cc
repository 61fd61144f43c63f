// SPDX-License-Identifier: Apache-2.0
#include "live/nursery_service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>
#include <optional>

#include "live/home.h"
#include "live/messages.h"
#include "live/nursery.h"
#include "live/subject_process.h"
#include "trace/namespaces.h"
#include "trace/newborn.h"

namespace lockproof::live {
namespace {

Report report_of(int error, std::string_view sentence) {
  Report report;
  report.error = error;
  const std::size_t size = std::min(sentence.size(), sizeof report.sentence - 1);
  std::memcpy(report.sentence, sentence.data(), size);
  return report;
}

Report report_of(const Result<>& done) {
  if (done.ok()) return Report{};
  const bool usage = done.error().kind == Error::Kind::kUsage;
  return report_of(usage ? EINVAL : EPERM, done.error().sentence);
}

// A new network namespace has its loopback down.
bool raise_loopback() {
  const Fd any(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct ifreq request {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(any.get(), SIOCSIFFLAGS, &request) == 0;
}

std::string enter(const Start& start, uid_t uid, gid_t gid) {
  std::string failed;
  // As in the simulated kernel, processes are root, if only here.
  if (uid != 0) failed = map_ids(0, uid, 0, gid);
  if (failed.empty()) failed = make_mounts_private();
  if (failed.empty() && has_commands(start)) failed = make_mounts_read_only();
  if (failed.empty()) failed = mount_proc();
  if (failed.empty() && !raise_loopback()) failed = "the loopback device";
  if (!failed.empty()) failed += fmt::format(": {}", std::strerror(errno));
  return failed;
}

bool set_last_pid(int pid) {
  return write_file("/proc/sys/kernel/ns_last_pid", std::to_string(pid));
}

// The init of one pid namespace of the run: the root one, 0, which has the others below it, or one
// of those.
class Service {
 public:
  Service(const Start& start, const SharedPage& page, int channel, unsigned space)
      : start_(start), page_(page), channel_(channel), space_(space) {}

  // All is as the start says, which is reported; or why not, and then that is the end.
  void begin() {
    auto home = mount_home(home_of(start_));
    if (home.ok()) home = furnish_home(home_of(start_), start_.files);
    Report report = report_of(home);
    for (const unsigned space : start_.namespaces) {
      if (report.error == 0 && space != 0 && !below_[space]) report = open_below(space);
    }
    say_where_home_is(report);
  }

  [[noreturn]] void serve() {
    while (const auto order = receive_order(channel_)) {
      if (order->space != space_) {
        pass_on(*order);
        continue;
      }
      switch (order->what) {
        case Order::What::kSpawn:
          spawn(*order);
          break;
        case Order::What::kSetNextPid:
          say(set_last_pid(order->pid - 1) ? 0 : errno);
          break;
        case Order::What::kReap:
          say(::waitpid(order->pid, nullptr, 0) == order->pid ? 0 : errno);
          break;
        case Order::What::kReapAll:
          reap_all();
          say(0);
          break;
        case Order::What::kKeepZombies:
          ::signal(SIGCHLD, SIG_DFL);
          say(0);
          break;
        case Order::What::kClear:
          clear();
          break;
      }
    }
    ::_exit(0);
  }

 private:
  void say(int error, int fd = -1) const { send_report(channel_, report_of(error, ""), fd); }

  void say_where_home_is(const Report& report) const {
    const Fd home(::open(home_of(start_).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    send_report(channel_, report, report.error == 0 ? home.get() : -1);
    if (report.error != 0) ::_exit(1);
  }

  // Who has ended goes, here and below; and who ends in the root namespace from now on, at once.
  void reap_all() const {
    if (space_ == 0) ::signal(SIGCHLD, SIG_IGN);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    for (unsigned space = 1; space < kSpaces; ++space) {
      if (below_[space]) ask(space, {Order::What::kReapAll, space, 0, 0});
    }
  }

  void clear() const {
    reap_all();
    const Report report = report_of(furnish_home(home_of(start_), start_.files));
    send_report(channel_, report);
    if (report.error != 0) ::_exit(1);
  }

  std::optional<Received> ask(unsigned space, const Order& order) const {
    send_order(below_[space].get(), order);
    return receive_report(below_[space].get());
  }

  // Who is forked below gets a pid here, too.
  void pass_on(const Order& order) const {
    if (order.what == Order::What::kSetNextPid) set_last_pid(root_pid(order.space, order.pid) - 1);
    const auto received = ask(order.space, order);
    if (!received) return say(ESRCH);
    send_report(channel_, received->report, received->fd.get());
  }

  // A clone with pids that are chosen, from the innermost namespace on. In the child: 0.
  static long clone(std::uint64_t flags, std::initializer_list<pid_t> pids, int* pidfd) {
    clone_args args{};
    args.flags = flags | CLONE_PIDFD;
    args.pidfd = reinterpret_cast<std::uintptr_t>(pidfd);
    args.exit_signal = SIGCHLD;
    args.set_tid = reinterpret_cast<std::uintptr_t>(pids.begin());
    args.set_tid_size = pids.size();
    return ::syscall(SYS_clone3, &args, sizeof args);
  }

  Report open_below(unsigned space) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
      return report_of(EPERM, "socketpair");
    below_[space] = Fd(ends[0]);
    const Fd theirs(ends[1]);
    int pidfd = -1;
    const long made = clone(CLONE_NEWPID | CLONE_NEWNS, {1, root_pid(space, kPidBase)}, &pidfd);
    if (made == 0) live_below(theirs.get(), space);
    if (made < 0) return report_of(EPERM, fmt::format("clone3: {}", std::strerror(errno)));
    const Fd owned(pidfd);
    const auto ready = receive_report(below_[space].get());
    return ready ? ready->report : report_of(EPERM, "the init of a pid namespace ended");
  }

  // It sees those who live there, and the files of all.
  [[noreturn]] void live_below(int channel, unsigned space) {
    for (Fd& sibling : below_) sibling.reset();
    ::close(channel_);
    ::setsid();
    ::signal(SIGCHLD, SIG_DFL);
    const std::string failed = mount_proc();
    send_report(channel, report_of(failed.empty() ? 0 : EPERM, failed));
    Service(start_, page_, channel, space).serve();
  }

  void spawn(const Order& order) const {
    int pidfd = -1;
    const long made = space_ == 0 ? clone(0, {order.pid}, &pidfd)
                                  : clone(0, {order.pid, root_pid(space_, order.pid)}, &pidfd);
    if (made == 0) {
      ::signal(SIGCHLD, SIG_DFL);
      live_as_told(start_, page_);
    }
    if (made < 0) return say(errno);
    const Fd owned(pidfd);
    say(0, pidfd);
  }

  const Start& start_;
  const SharedPage& page_;
  const int channel_;
  const unsigned space_;
  std::array<Fd, kSpaces> below_;  // where each of them takes its orders
};

}  // namespace

void serve_births(const Start& start, const SharedPage& page, int channel, uid_t uid, gid_t gid) {
  // A caller that has died by now is noticed when there are no more orders.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setsid();
  forget_signals();
  const std::string failed = enter(start, uid, gid);
  if (!failed.empty()) {
    send_report(channel, report_of(EPERM, failed));
    ::_exit(1);
  }
  ::umask(022);
  ::signal(SIGCHLD, SIG_IGN);
  Service root(start, page, channel, 0);
  root.begin();
  root.serve();
}

}  // namespace lockproof::live
