// SPDX-License-Identifier: Apache-2.0
#include "sim/linux_worker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "sim/signals.h"

namespace lockproof::sim {
namespace {

std::atomic<unsigned> g_caught{0};  // signal handlers have no other place

void on_signal(int signal) { g_caught.fetch_or(signal_bit(signal)); }

std::int64_t kernel(std::int64_t result) { return result == -1 ? -errno : result; }

void put_bytes(Reply& reply, const char* bytes, std::int64_t size) {
  reply.size = static_cast<std::uint32_t>(std::max<std::int64_t>(size, 0));
  std::memcpy(reply.text, bytes, reply.size);
}

void put_stat(Reply& reply, const struct stat& info) {
  Answer& answer = reply.answer;
  answer.ino = static_cast<std::uint32_t>(info.st_ino);
  answer.mode = static_cast<std::uint16_t>(info.st_mode);
  answer.nlink = static_cast<std::uint16_t>(info.st_nlink);
  answer.uid = info.st_uid;
  if (!S_ISDIR(info.st_mode)) answer.value = info.st_size;
}

std::int64_t make_signal_fd(std::uint64_t mask) {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal = 1; signal < NSIG; ++signal) {
    if (((mask >> (signal - 1)) & 1) != 0) ::sigaddset(&set, signal);
  }
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return kernel(::signalfd(-1, &set, SFD_CLOEXEC));
}

std::int64_t do_sigaction(const Call& call) {
  struct sigaction action {};
  action.sa_handler = call.extra == 0 ? SIG_DFL : call.extra == 1 ? SIG_IGN : on_signal;
  return kernel(::sigaction(call.flags, &action, nullptr));
}

std::int64_t do_poll(const Call& call, Reply& reply) {
  struct pollfd fds[] = {{call.fd, POLLIN, 0}, {call.fd2, POLLIN, 0}, {call.extra, POLLIN, 0}};
  const std::int64_t result = kernel(::poll(fds, 3, static_cast<int>(call.size)));
  for (unsigned i = 0; i < 3; ++i) {
    reply.answer.value |= static_cast<std::int64_t>(fds[i].revents) << (8 * i);
  }
  return result;
}

std::int64_t do_record_lock(const Call& call, Reply& reply) {
  struct flock lock {};
  lock.l_type = static_cast<short>(call.extra);
  lock.l_start = call.offset;
  lock.l_len = call.size;
  const std::int64_t result = kernel(::fcntl(call.fd, call.flags, &lock));
  if (result == 0 && (call.flags == F_GETLK || call.flags == F_OFD_GETLK)) {
    reply.answer.mode = static_cast<std::uint16_t>(lock.l_type);
    reply.answer.value = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
  }
  return result;
}

std::int64_t do_read(const Call& call, Reply& reply) {
  char bytes[sizeof reply.text];
  const auto size = static_cast<std::size_t>(call.size);
  const std::int64_t result =
      kernel(call.op == Op::kRead ? ::read(call.fd, bytes, size)
                                  : ::pread(call.fd, bytes, size, call.offset));
  put_bytes(reply, bytes, result);
  return result;
}

std::int64_t names_call(const Request& request, Reply& reply) {
  const Call& call = request.call;
  const char* const path = request.text[0];
  const char* const other = request.text[1];
  const auto mode = static_cast<mode_t>(call.extra);
  switch (call.op) {
    case Op::kOpenat:
      return kernel(::openat(call.fd, path, call.flags, mode));
    case Op::kMkdirat:
      return kernel(::mkdirat(call.fd, path, mode));
    case Op::kUnlinkat:
      return kernel(::unlinkat(call.fd, path, call.flags));
    case Op::kRenameat:
      return kernel(::renameat(call.fd, path, call.fd2, other));
    case Op::kLinkat:
      return kernel(::linkat(call.fd, path, call.fd2, other, call.flags));
    case Op::kSymlinkat:
      return kernel(::symlinkat(other, call.fd, path));
    case Op::kAccess:
      return kernel(::syscall(SYS_faccessat, call.fd, path, call.flags));
    case Op::kTouch:
      return kernel(::syscall(SYS_utimensat, call.fd, path, nullptr, 0));
    case Op::kReadlinkat: {
      char bytes[512];
      const auto size = static_cast<std::size_t>(call.size);
      const std::int64_t result = kernel(::readlinkat(call.fd, path, bytes, size));
      put_bytes(reply, bytes, result);
      return result;
    }
    default: {
      struct stat info {};
      const std::int64_t result = kernel(::fstatat(call.fd, path, &info, call.flags));
      if (result == 0) put_stat(reply, info);
      return result;
    }
  }
}

std::int64_t files_call(const Request& request, Reply& reply) {
  const Call& call = request.call;
  switch (call.op) {
    case Op::kClose:
      return kernel(::close(call.fd));
    case Op::kDupAbove:
      return kernel(::fcntl(call.fd, F_DUPFD_CLOEXEC, call.flags));
    case Op::kDup:
      return kernel(::fcntl(call.fd, F_DUPFD, call.flags));
    case Op::kDup2:
      return kernel(::dup3(call.fd, call.fd2, call.flags));
    case Op::kCloseOnExec:
      return kernel(::fcntl(call.fd, F_SETFD, call.flags));
    case Op::kSeek:
      return kernel(::lseek(call.fd, call.offset, call.flags));
    case Op::kRead:
    case Op::kPread:
      return do_read(call, reply);
    case Op::kWrite:
      return kernel(::write(call.fd, request.text[0], request.size[0]));
    case Op::kPwrite:
      return kernel(::pwrite(call.fd, request.text[0], request.size[0], call.offset));
    case Op::kFtruncate:
      return kernel(::ftruncate(call.fd, call.size));
    case Op::kFchmod:
      return kernel(::fchmod(call.fd, static_cast<mode_t>(call.extra)));
    case Op::kFsync:
      return kernel(::fsync(call.fd));
    case Op::kFlock:
      return kernel(::flock(call.fd, call.flags));
    case Op::kFcntlLock:
      return do_record_lock(call, reply);
    case Op::kFstatfs: {
      struct statfs info {};
      const std::int64_t result = kernel(::fstatfs(call.fd, &info));
      reply.answer.value = info.f_type;
      return result;
    }
    default: {
      struct stat info {};
      const std::int64_t result = kernel(::fstat(call.fd, &info));
      if (result == 0) put_stat(reply, info);
      return result;
    }
  }
}

std::int64_t socket_call(const Call& call) {
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_port = htons(static_cast<std::uint16_t>(call.size));
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const address = reinterpret_cast<const sockaddr*>(&loopback);
  switch (call.op) {
    case Op::kSocket:
      return kernel(::socket(AF_INET, SOCK_STREAM | call.flags, 0));
    case Op::kReuseAddress:
      return kernel(
          ::setsockopt(call.fd, SOL_SOCKET, SO_REUSEADDR, &call.flags, sizeof call.flags));
    case Op::kBind:
      return kernel(::bind(call.fd, address, sizeof loopback));
    case Op::kListen:
      return kernel(::listen(call.fd, call.flags));
    default:
      return kernel(::connect(call.fd, address, sizeof loopback));
  }
}

std::int64_t process_call(const Call& call, Reply& reply) {
  switch (call.op) {
    case Op::kGetpid:
      return ::getpid();
    case Op::kGetppid:
      return ::getppid();
    case Op::kGeteuid:
      return ::geteuid();
    case Op::kExit:
      ::_exit(call.flags);
    case Op::kWaitpid: {
      int status = 0;
      const auto result = kernel(::waitpid(static_cast<pid_t>(call.size), &status, call.flags));
      reply.answer.value = status;
      return result;
    }
    case Op::kSetsid:
      return kernel(::setsid());
    case Op::kSetParentDeathSignal:
      return kernel(::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(call.flags), 0, 0, 0));
    case Op::kKill:
      return call.size <= 1 ? -EPERM : kernel(::kill(static_cast<pid_t>(call.size), call.flags));
    case Op::kSigaction:
      return do_sigaction(call);
    case Op::kPidfdOpen:
      return call.size <= 1 ? -EPERM : kernel(::syscall(SYS_pidfd_open, call.size, 0));
    case Op::kPidfdSendSignal:
      return kernel(::syscall(SYS_pidfd_send_signal, call.fd, call.flags, nullptr, 0));
    case Op::kSignalFd:
      return make_signal_fd(static_cast<std::uint64_t>(call.size));
    case Op::kPoll:
      return do_poll(call, reply);
    default:
      return -ENOSYS;
  }
}

void answer(int slot, Reply& reply) {
  reply.answer.caught |= static_cast<std::uint8_t>(g_caught.exchange(0));
  const std::size_t size = offsetof(Reply, text) + reply.size;
  while (::send(kWorkerChannels + slot, &reply, size, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) ::_exit(3);
  }
}

// The parent's answer may be out, and the next call a signal to the child, before the child has run
// at all: until it has forgotten what its parent caught, signals wait.
pid_t fork_afresh() {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t child = ::fork();
  if (child == 0) g_caught = 0;
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return child;
}

void start_again(int slot) {
  const std::string at = std::to_string(slot);
  const std::string caught = std::to_string(g_caught.exchange(0));
  ::execl(LOCKPROOF_SIM_WORKER, LOCKPROOF_SIM_WORKER, at.c_str(), caught.c_str(), nullptr);
}

}  // namespace

void say_hello(int slot) {
  const Reply reply{};
  while (::send(kWorkerChannels + slot, &reply, offsetof(Reply, text), MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) ::_exit(3);
  }
}

void serve(int slot) {
  Request request{};
  for (;;) {
    const ssize_t got = ::recv(kWorkerChannels + slot, &request, sizeof request, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got != static_cast<ssize_t>(sizeof request)) ::_exit(2);
    const Call& call = request.call;
    Reply reply{};
    if (call.op == Op::kFork) {
      const pid_t child = fork_afresh();
      if (child == 0) {
        slot = request.next_slot;
        if (request.hello) say_hello(slot);
        continue;
      }
      reply.answer.result = kernel(child);
    } else if (call.op == Op::kExecvp) {
      start_again(slot);
      reply.answer.result = -errno;
    } else if (call.op <= Op::kFstatat) {
      reply.answer.result = names_call(request, reply);
    } else if (call.op <= Op::kFcntlLock) {
      reply.answer.result = files_call(request, reply);
    } else if (call.op <= Op::kConnect) {
      reply.answer.result = socket_call(call);
    } else {
      reply.answer.result = process_call(call, reply);
    }
    answer(slot, reply);
  }
}

void serve_after_exec(int slot, int caught) {
  Reply reply{};
  reply.answer.caught = static_cast<std::uint8_t>(caught);
  answer(slot, reply);
  serve(slot);
}

}  // namespace lockproof::sim
