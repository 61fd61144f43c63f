// SPDX-License-Identifier: Apache-2.0
#include "program/linux_call.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "program/newer_form.h"
#include "trace/call_filter.h"

namespace lockproof {
namespace {

constexpr std::size_t kMostPathBytes = 4096;
constexpr std::size_t kPolled = 3;
constexpr std::int64_t kSecond = 1'000'000'000;

using Decoded = std::variant<Call, UnknownCall>;

// One call under way from registers to data. A text or a struct that cannot be read, or does not
// fit, makes it unknown.
class Decoder {
 public:
  Decoder(const StoppedTracee& tracee, Texts& texts)
      : tracee_(tracee), texts_(texts), raw_(tracee.call()) {}

  Decoded decode() {
    const bool known =
        names() || files() || locks() || sockets() || processes() || signals() || time() || own();
    if (!known && why_.empty()) why_ = "is not known";
    if (why_.empty()) return call_;
    return UnknownCall{fmt::format("makes the call {}, which {}", raw_.number, why_)};
  }

 private:
  std::int32_t number(unsigned i) const { return static_cast<std::int32_t>(raw_.arguments[i]); }
  std::int64_t wide(unsigned i) const { return static_cast<std::int64_t>(raw_.arguments[i]); }

  bool unknown(std::string_view why) {
    why_ = why;
    return true;
  }

  Text text(std::string_view bytes) {
    const Text interned = texts_.intern(bytes);
    if (interned == kNoText) why_ = "has a text that is too long";
    return interned;
  }
  Text path(unsigned i) {
    const auto read = tracee_.read_text(raw_.arguments[i], kMostPathBytes);
    if (read) return text(*read);
    why_ = "has a path that cannot be read";
    return kEmptyText;
  }
  Text bytes(unsigned at, unsigned size) {
    std::string read(std::min<std::uint64_t>(raw_.arguments[size], Texts::kMaxBytes + 1), '\0');
    if (tracee_.read(raw_.arguments[at], read.data(), read.size())) return text(read);
    why_ = "has bytes that cannot be read";
    return kEmptyText;
  }
  template <class T>
  T read(unsigned i) {
    T value{};
    if (!tracee_.read(raw_.arguments[i], &value, sizeof value)) why_ = "has an address of nothing";
    return value;
  }

  bool is(Op op) {
    call_.op = op;
    return true;
  }
  bool on_fd(Op op) {
    call_.fd = number(0);
    return is(op);
  }
  bool on_path(Op op, std::int32_t dir, unsigned at) {
    call_.fd = dir;
    call_.text = path(at);
    return is(op);
  }
  bool with_flags(std::int32_t flags) {
    call_.flags = flags;
    return true;
  }
  bool with_mode(unsigned i) {
    call_.extra = number(i);
    return true;
  }
  bool with_size(std::int64_t size) {
    call_.size = size;
    return true;
  }

  bool open(std::int32_t dir, unsigned at) {
    on_path(Op::kOpenat, dir, at);
    if ((number(at + 1) & O_CREAT) != 0) with_mode(at + 2);
    return with_flags(number(at + 1));
  }
  bool two_paths(Op op, unsigned flags) {
    on_path(op, number(0), 1);
    call_.fd2 = number(2);
    call_.text2 = path(3);
    return flags == 0 || with_flags(number(flags));
  }
  bool stat() {
    const bool empty = number(3) == AT_EMPTY_PATH && read<char>(1) == '\0';
    return empty ? on_fd(Op::kFstat) : on_path(Op::kFstatat, number(0), 1) && with_flags(number(3));
  }

  // To the time of now.
  bool touches() {
    const auto times = wide(2) == 0 ? std::array<timespec, 2>{{{0, UTIME_NOW}, {0, UTIME_NOW}}}
                                    : read<std::array<timespec, 2>>(2);
    const bool now = times[0].tv_nsec == UTIME_NOW && times[1].tv_nsec == UTIME_NOW;
    if (!now) return unknown("sets the times of a file");
    if (number(3) != 0 || wide(1) == 0) return unknown("touches a file by a descriptor or a link");
    return on_path(Op::kTouch, number(0), 1);
  }

  bool names() {
    switch (raw_.number) {
      case SYS_open:
        return open(AT_FDCWD, 0);
      case SYS_openat:
        return open(number(0), 1);
      case SYS_mkdirat:
        return on_path(Op::kMkdirat, number(0), 1) && with_mode(2);
      case SYS_unlinkat:
        return on_path(Op::kUnlinkat, number(0), 1) && with_flags(number(2));
      case SYS_renameat:
        return two_paths(Op::kRenameat, 0);
      case SYS_linkat:
        return two_paths(Op::kLinkat, 4);
      case SYS_symlinkat:
        call_.text2 = path(0);
        return on_path(Op::kSymlinkat, number(1), 2);
      case SYS_readlinkat:
        return on_path(Op::kReadlinkat, number(0), 1) && with_size(wide(3));
      case SYS_newfstatat:
        return stat();
      case SYS_faccessat:
        return on_path(Op::kAccess, number(0), 1) && with_flags(number(2));
      case SYS_utimensat:
        return touches();
      default:
        return false;
    }
  }

  bool files() {
    switch (raw_.number) {
      case SYS_close:
        return on_fd(Op::kClose);
      case SYS_read:
        return on_fd(Op::kRead) && with_size(wide(2));
      case SYS_pread64:
        call_.offset = wide(3);
        return on_fd(Op::kPread) && with_size(wide(2));
      case SYS_write:
        call_.text = bytes(1, 2);
        return on_fd(Op::kWrite);
      case SYS_pwrite64:
        call_.text = bytes(1, 2);
        call_.offset = wide(3);
        return on_fd(Op::kPwrite);
      case SYS_ftruncate:
        return on_fd(Op::kFtruncate) && with_size(wide(1));
      case SYS_fchmod:
        return on_fd(Op::kFchmod) && with_mode(1);
      case SYS_fsync:
        return on_fd(Op::kFsync);
      case SYS_fstat:
        return on_fd(Op::kFstat);
      case SYS_fstatfs:
        return on_fd(Op::kFstatfs);
      case SYS_lseek:
        call_.offset = wide(1);
        return on_fd(Op::kSeek) && with_flags(number(2));
      case SYS_dup3:
        call_.fd2 = number(1);
        return on_fd(Op::kDup2) && with_flags(number(2));
      default:
        return false;
    }
  }

  bool record_lock() {
    const auto lock = read<struct flock>(2);
    if (lock.l_whence != SEEK_SET) return unknown("counts a lock from elsewhere");
    call_.extra = lock.l_type;
    call_.size = lock.l_len;
    call_.offset = lock.l_start;
    return on_fd(Op::kFcntlLock) && with_flags(number(1));
  }
  bool locks() {
    if (raw_.number == SYS_flock) return on_fd(Op::kFlock) && with_flags(number(1));
    if (raw_.number != SYS_fcntl) return false;
    switch (number(1)) {
      case F_DUPFD_CLOEXEC:
        return on_fd(Op::kDupAbove) && with_flags(number(2));
      case F_DUPFD:
        return on_fd(Op::kDup) && with_flags(number(2));
      case F_SETFD:
        return on_fd(Op::kCloseOnExec) && with_flags(number(2) & FD_CLOEXEC);
      case F_SETLK:
      case F_SETLKW:
      case F_GETLK:
      case F_OFD_SETLK:
      case F_OFD_SETLKW:
      case F_OFD_GETLK:
        return record_lock();
      default:
        return unknown("has a command that is not known");
    }
  }

  bool on_port(Op op) {
    const auto address = read<sockaddr_in>(1);
    const bool loopback = address.sin_family == AF_INET && raw_.arguments[2] == sizeof address &&
                          address.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
    if (!loopback) return unknown("names another address than 127.0.0.1");
    return on_fd(op) && with_size(ntohs(address.sin_port));
  }
  bool sockets() {
    switch (raw_.number) {
      case SYS_socket: {
        constexpr int kTypes = 0xf;
        const bool tcp = number(0) == AF_INET && (number(1) & kTypes) == SOCK_STREAM;
        if (!tcp) return unknown("makes a socket that is not TCP over IPv4");
        return is(Op::kSocket) && with_flags(number(1) & ~kTypes);
      }
      case SYS_setsockopt:
        if (number(1) != SOL_SOCKET || number(2) != SO_REUSEADDR) {
          return unknown("sets an option that is not known");
        }
        return on_fd(Op::kReuseAddress) && with_flags(read<int>(3));
      case SYS_bind:
        return on_port(Op::kBind);
      case SYS_listen:
        return on_fd(Op::kListen) && with_flags(number(1));
      case SYS_connect:
        return on_port(Op::kConnect);
      default:
        return false;
    }
  }

  bool processes() {
    switch (raw_.number) {
      case SYS_getpid:
        return is(Op::kGetpid);
      case SYS_getppid:
        return is(Op::kGetppid);
      case SYS_geteuid:
        return is(Op::kGeteuid);
      case SYS_fork:
        return is(Op::kFork);
      case SYS_clone:
        if ((raw_.arguments[0] & (CLONE_VM | CLONE_FILES | CLONE_FS)) != 0) {
          return unknown("makes a process that shares with its parent");
        }
        if (makes_no_plain_child(raw_)) {
          return unknown("makes a process that is no plain child of it");
        }
        return is(Op::kFork);
      case SYS_exit_group:
        return is(Op::kExit) && with_flags(number(0));
      case SYS_wait4:
        return is(Op::kWaitpid) && with_size(number(0)) && with_flags(number(2));
      case SYS_setsid:
        return is(Op::kSetsid);
      case SYS_prctl:
        if (number(0) != PR_SET_PDEATHSIG) return unknown("has an option that is not known");
        return is(Op::kSetParentDeathSignal) && with_flags(number(1));
      default:
        return false;
    }
  }

  bool signals() {
    switch (raw_.number) {
      case SYS_kill:
        return is(Op::kKill) && with_size(number(0)) && with_flags(number(1));
      case SYS_pidfd_open:
        if (number(1) != 0) return unknown("has flags that are not known");
        return is(Op::kPidfdOpen) && with_size(number(0));
      case SYS_pidfd_send_signal:
        return on_fd(Op::kPidfdSendSignal) && with_flags(number(1));
      default:
        return false;
    }
  }

  bool poll() {
    std::array<pollfd, kPolled> fds;
    fds.fill({-1, POLLIN, 0});
    if (raw_.arguments[1] > kPolled) return unknown("asks for more than 3 descriptors");
    const std::size_t size = raw_.arguments[1] * sizeof(pollfd);
    if (size > 0 && !tracee_.read(raw_.arguments[0], fds.data(), size)) {
      return unknown("has an address of nothing");
    }
    for (const pollfd& fd : fds) {
      if (fd.events != POLLIN) return unknown("asks for something else than POLLIN");
    }
    call_.fd = fds[0].fd;
    call_.fd2 = fds[1].fd;
    call_.extra = fds[2].fd;
    return is(Op::kPoll) && with_size(number(2));
  }
  bool time() {
    switch (raw_.number) {
      case SYS_poll:
        return poll();
      case SYS_clock_nanosleep: {
        if (number(0) != CLOCK_MONOTONIC || number(1) != 0) return unknown("sleeps by a clock");
        const auto time = read<timespec>(2);
        return is(Op::kSleep) && with_size(time.tv_sec * kSecond + time.tv_nsec);
      }
      case SYS_clock_gettime:
        return is(Op::kClockGettime) && with_flags(number(0));
      default:
        return false;
    }
  }

  bool own() {
    if (raw_.number == static_cast<long>(OwnCall::kHold)) return is(Op::kHold);
    if (raw_.number != static_cast<long>(OwnCall::kSignalFd)) return false;
    return is(Op::kSignalFd) && with_size(wide(0));
  }

  const StoppedTracee& tracee_;
  Texts& texts_;
  const KernelCall raw_;
  Call call_;
  std::string why_;
};

// What was written to the tracee's memory, with the answer's result.
class AnswerReader {
 public:
  AnswerReader(const KernelCall& asked, const StoppedTracee& tracee, Texts& texts)
      : asked_(asked), tracee_(tracee), texts_(texts) {
    answer_.result = tracee.result();
  }

  Answer of_bytes(unsigned at) {
    if (answer_.result <= 0) return answer_;
    std::string read(static_cast<std::size_t>(answer_.result), '\0');
    if (!tracee_.read(asked_.arguments[at], read.data(), read.size())) {
      return refuse(Refusal::kProgram);
    }
    answer_.text = texts_.intern(read);
    return answer_.text == kNoText ? refuse(Refusal::kFileSize) : answer_;
  }
  Answer of_stat(unsigned at) {
    if (answer_.result < 0) return answer_;
    const auto info = read<struct stat>(at);
    answer_.ino = static_cast<std::uint32_t>(info.st_ino);
    answer_.uid = info.st_uid;
    answer_.mode = static_cast<std::uint16_t>(info.st_mode);
    answer_.nlink = static_cast<std::uint16_t>(info.st_nlink);
    if (!S_ISDIR(info.st_mode)) answer_.value = info.st_size;
    return answer_;
  }
  Answer of_lock(int command) {
    const bool asks = command == F_GETLK || command == F_OFD_GETLK;
    if (answer_.result < 0 || !asks) return answer_;
    const auto lock = read<struct flock>(2);
    answer_.mode = static_cast<std::uint16_t>(lock.l_type);
    answer_.value = lock.l_type == F_UNLCK ? 0 : lock.l_pid;
    return answer_;
  }
  Answer of_wait() {
    if (answer_.result > 0 && asked_.arguments[1] != 0) answer_.value = read<int>(1);
    return answer_;
  }
  Answer of_poll() {
    const auto count = std::min<std::uint64_t>(asked_.arguments[1], kPolled);
    std::array<pollfd, kPolled> fds{};
    tracee_.read(asked_.arguments[0], fds.data(), count * sizeof(pollfd));
    for (std::size_t i = 0; answer_.result > 0 && i < count; ++i) {
      answer_.value |= static_cast<std::int64_t>(fds[i].revents) << (8 * i);
    }
    return answer_;
  }
  Answer of_statfs() {
    if (answer_.result == 0) answer_.value = read<struct statfs>(1).f_type;
    return answer_;
  }
  Answer plain() const { return answer_; }

 private:
  template <class T>
  T read(unsigned i) {
    T value{};
    tracee_.read(asked_.arguments[i], &value, sizeof value);
    return value;
  }

  const KernelCall& asked_;
  const StoppedTracee& tracee_;
  Texts& texts_;
  Answer answer_;
};

}  // namespace

std::variant<Call, UnknownCall> decode(const StoppedTracee& tracee, Texts& texts) {
  return Decoder(tracee, texts).decode();
}

Answer answer_of(const Call& call, const KernelCall& asked, const StoppedTracee& tracee,
                 Texts& texts) {
  AnswerReader reader(asked, tracee, texts);
  switch (call.op) {
    case Op::kRead:
    case Op::kPread:
      return reader.of_bytes(1);
    case Op::kReadlinkat:
      return reader.of_bytes(2);
    case Op::kFstatat:
      return reader.of_stat(2);
    case Op::kFstat:
      return reader.of_stat(asked.number == SYS_fstat ? 1 : 2);
    case Op::kFcntlLock:
      return reader.of_lock(call.flags);
    case Op::kWaitpid:
      return reader.of_wait();
    case Op::kPoll:
      return reader.of_poll();
    case Op::kFstatfs:
      return reader.of_statfs();
    default:
      return reader.plain();
  }
}

// signalfd(2): one signal a read.
Answer signal_of(const KernelCall& asked, const StoppedTracee& tracee) {
  Answer answer = done(tracee.result());
  signalfd_siginfo info{};
  if (answer.result > 0 && tracee.read(asked.arguments[1], &info, sizeof info)) {
    answer.value = info.ssi_signo;
  }
  return answer;
}

}  // namespace lockproof
