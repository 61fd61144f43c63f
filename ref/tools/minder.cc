// SPDX-License-Identifier: Apache-2.0
#include "minder.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "say.h"
#include "start.h"

namespace solo::tool {
namespace {

constexpr int kForwarded[] = {SIGTERM, SIGINT, SIGHUP};
constexpr int kLookEveryMs = 50;  // for a sign that nobody tells of
constexpr std::size_t kMaxLine = 4096;

std::uint64_t bit(int signal) { return std::uint64_t{1} << (signal - 1); }

// From a terminal the kernel sends a signal to the whole foreground group, so to the command too:
// once is enough. Any other sender meant us.
bool command_has_it(const signalfd_siginfo& signal) { return signal.ssi_code == SI_KERNEL; }

std::int64_t now_ms(port::Sys& sys) {
  struct timespec now {};
  sys.clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

Result<int> Minder::run() {
  // An inherited "ignore" would have the kernel reap the command, and its status be lost.
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t before;
  ::sigprocmask(SIG_BLOCK, nullptr, &before);
  std::uint64_t mask = bit(SIGCHLD);
  for (const int signal : kForwarded) mask |= bit(signal);
  signals_ = Fd(sys_, sys_.signal_fd(mask));
  if (!signals_.valid()) return Error{"cannot listen for signals", -signals_.get()};

  Fd writes;
  if (arguments_.ready && arguments_.ready->kind == ReadySign::Kind::kLine) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return Error{"cannot make a pipe", errno};
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);  // its children may keep the other end open
    output_ = Fd(sys_, ends[0]);
    writes = Fd(sys_, ends[1]);
  }
  const auto child = start(sys_, arguments_.command, before, writes.get());
  writes.close();
  if (!child.ok()) return child.error();
  child_ = child.value();
  auto status = stay();
  if (!status.ok()) {  // then the command must not go on without its owner
    sys_.kill(child_, SIGKILL);
    sys_.waitpid(child_, nullptr, 0);
  }
  return status;
}

Result<int> Minder::stay() {
  for (;;) {
    int status = 0;
    const auto goes = reap(status);
    if (!goes.ok()) return goes.error();
    if (goes.value() == Goes::kEnded) return status;
    if (auto error = see_whether_ready()) return *error;

    struct pollfd fds[3] = {{signals_.get(), POLLIN, 0},
                            {parent_ != nullptr && !parent_gone_ ? parent_->fd() : -1, POLLIN, 0},
                            {output_.get(), POLLIN, 0}};
    const int came = sys_.poll(fds, 3, time_out());
    if (came < 0 && came != -EINTR) return Error{"cannot wait", -came};
    if (came > 0 && fds[2].revents != 0) hear_output();
    if (came > 0 && fds[1].revents != 0) {
      parent_gone_ = true;
      if (auto error = drain(SIGTERM)) return *error;
    }
    if (came > 0 && fds[0].revents != 0) {
      if (auto error = hear_signal()) return *error;
    }
    if (drained_by_ms_ && now_ms(sys_) >= *drained_by_ms_) sys_.kill(child_, SIGKILL);
  }
}

Result<Minder::Goes> Minder::reap(int& status) {
  const pid_t ended = sys_.waitpid(child_, &status, WNOHANG);
  if (ended < 0 && ended != -EINTR) return Error{"cannot wait for the command", -ended};
  if (ended != child_) return Goes::kOn;
  while (hear_output()) continue;  // what it has printed last
  return Goes::kEnded;
}

// In ms, -1 for ever.
int Minder::time_out() const {
  int time = -1;
  const auto at_most = [&](std::int64_t ms) {
    const int bounded = static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1 << 30));
    time = time < 0 ? bounded : std::min(time, bounded);
  };
  if (drained_by_ms_) at_most(std::max<std::int64_t>(*drained_by_ms_ - now_ms(sys_), kLookEveryMs));
  const bool looks =
      !ready_ && !guards_ && arguments_.ready && arguments_.ready->kind != ReadySign::Kind::kLine;
  if (looks) at_most(kLookEveryMs);
  if (parent_ != nullptr && !parent_gone_) at_most(arguments_.watch_parent->interval_ms);
  return time;
}

MaybeError Minder::hear_signal() {
  signalfd_siginfo signal{};
  const ssize_t got = sys_.read(signals_.get(), &signal, sizeof signal);
  if (got == -EINTR) return {};
  if (got != sizeof signal) return Error{"cannot read signals", static_cast<int>(-got)};
  if (signal.ssi_signo == SIGCHLD) return {};
  const int number = static_cast<int>(signal.ssi_signo);
  if (number == SIGTERM) return drain(command_has_it(signal) ? 0 : number);
  // Not reaped yet, so the pid is still the command's. It may be a zombie, which is no error.
  if (!command_has_it(signal)) sys_.kill(child_, number);
  return {};
}

// The command is to end. 0: it knows already.
MaybeError Minder::drain(int signal) {
  if (!drained_by_ms_) drained_by_ms_ = now_ms(sys_) + arguments_.drain_ms;
  if (!guards_ && lock_.fd() >= 0) {
    const auto disowned = lock_.is_disowned();
    if (!disowned.ok()) return disowned.error();
    if (disowned.value()) {
      if (const auto error = lock_.give_up()) fail(*error);
    }
  }
  if (signal != 0) sys_.kill(child_, signal);
  return {};
}

// Copies what the command has printed, and looks for the line. False: there is no more for now.
bool Minder::hear_output() {
  if (!output_.valid()) return false;
  char bytes[kMaxLine];
  const ssize_t got = sys_.read(output_.get(), bytes, sizeof bytes);
  if (got == -EINTR) return true;
  if (got == -EAGAIN) return false;
  if (got <= 0) {
    output_.close();
    return false;
  }
  for (ssize_t put = 0; put < got;) {
    const ssize_t wrote =
        sys_.write(STDOUT_FILENO, bytes + put, static_cast<std::size_t>(got - put));
    if (wrote < 0 && wrote != -EINTR) break;  // nobody reads it: no reason to end
    if (wrote > 0) put += wrote;
  }
  for (const char c : std::string_view(bytes, static_cast<std::size_t>(got))) {
    if (c == '\n') {
      ready_ = ready_ || line_.find(arguments_.ready->text) != line_.npos;
      line_.clear();
    } else if (line_.size() < kMaxLine) {
      line_ += c;
    }
  }
  return true;
}

bool Minder::has_the_sign() const {
  if (!arguments_.ready) return true;
  const ReadySign& sign = *arguments_.ready;
  if (sign.kind == ReadySign::Kind::kLine) return ready_;
  if (sign.kind == ReadySign::Kind::kFile) {
    struct stat info {};
    return sys_.fstatat(AT_FDCWD, sign.text.c_str(), &info, 0) == 0;
  }
  const Fd socket(sys_, sys_.socket(SOCK_CLOEXEC));
  return socket.valid() && sys_.connect(socket.get(), sign.port) == 0;
}

MaybeError Minder::see_whether_ready() {
  if (guards_ || told_ || drained_by_ms_ || !has_the_sign()) return {};
  ready_ = told_ = true;
  const auto accepted = lock_.become_ready();
  if (!accepted.ok()) return accepted.error();
  if (!accepted.value()) return Error{"its launcher has given up on it"};
  return {};
}

}  // namespace solo::tool
