// SPDX-License-Identifier: Apache-2.0
#include "program/asking_sys.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace lockproof {
namespace {

constexpr nfds_t kPolled = 3;

Call call_of(Op op) {
  Call call;
  call.op = op;
  return call;
}
Call on_fd(Op op, int fd) {
  Call call = call_of(op);
  call.fd = fd;
  return call;
}
Call on_path(Op op, int dir, Text path) {
  Call call = on_fd(op, dir);
  call.text = path;
  return call;
}
Call with_flags(Call call, int flags) {
  call.flags = flags;
  return call;
}
Call on_port(Op op, int fd, std::uint16_t port) {
  Call call = on_fd(op, fd);
  call.size = port;
  return call;
}
Call on_pid(Op op, pid_t pid, int flags) {
  Call call = with_flags(call_of(op), flags);
  call.size = pid;
  return call;
}

}  // namespace

ssize_t AskingSys::ask_bytes(const Call& call, void* buffer, std::size_t size) {
  const Answer answer = ask_(call);
  if (answer.result > 0) {
    const std::string_view bytes = texts_[answer.text];
    std::memcpy(buffer, bytes.data(), std::min(bytes.size(), size));
  }
  return static_cast<ssize_t>(answer.result);
}

int AskingSys::ask_stat(const Call& call, struct stat* out) {
  const Answer answer = ask_(call);
  if (answer.result < 0) return static_cast<int>(answer.result);
  *out = {};
  out->st_dev = 1;  // one file system
  out->st_ino = answer.ino;
  out->st_mode = answer.mode;
  out->st_nlink = answer.nlink;
  out->st_uid = answer.uid;
  out->st_size = answer.value;
  return 0;
}

int AskingSys::openat(int dir, const char* path, int flags, mode_t mode) {
  Call call = with_flags(on_path(Op::kOpenat, dir, text(path)), flags);
  if ((flags & O_CREAT) != 0) call.extra = static_cast<std::int32_t>(mode);
  return ask_int(call);
}
int AskingSys::mkdirat(int dir, const char* path, mode_t mode) {
  Call call = on_path(Op::kMkdirat, dir, text(path));
  call.extra = static_cast<std::int32_t>(mode);
  return ask_int(call);
}
int AskingSys::unlinkat(int dir, const char* path, int flags) {
  return ask_int(with_flags(on_path(Op::kUnlinkat, dir, text(path)), flags));
}
int AskingSys::renameat(int from_dir, const char* from, int to_dir, const char* to) {
  Call call = on_path(Op::kRenameat, from_dir, text(from));
  call.fd2 = to_dir;
  call.text2 = text(to);
  return ask_int(call);
}
int AskingSys::linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) {
  Call call = with_flags(on_path(Op::kLinkat, from_dir, text(from)), flags);
  call.fd2 = to_dir;
  call.text2 = text(to);
  return ask_int(call);
}
int AskingSys::symlinkat(const char* target, int dir, const char* path) {
  Call call = on_path(Op::kSymlinkat, dir, text(path));
  call.text2 = text(target);
  return ask_int(call);
}
ssize_t AskingSys::readlinkat(int dir, const char* path, char* buffer, std::size_t size) {
  Call call = on_path(Op::kReadlinkat, dir, text(path));
  call.size = static_cast<std::int64_t>(size);
  return ask_bytes(call, buffer, size);
}
int AskingSys::fstatat(int dir, const char* path, struct stat* out, int flags) {
  return ask_stat(with_flags(on_path(Op::kFstatat, dir, text(path)), flags), out);
}

int AskingSys::close(int fd) { return ask_int(on_fd(Op::kClose, fd)); }
int AskingSys::dup_above(int fd, int lowest) {
  return ask_int(with_flags(on_fd(Op::kDupAbove, fd), lowest));
}
ssize_t AskingSys::read(int fd, void* buffer, std::size_t size) {
  Call call = on_fd(Op::kRead, fd);
  call.size = static_cast<std::int64_t>(size);
  return ask_bytes(call, buffer, size);
}
ssize_t AskingSys::pread(int fd, void* buffer, std::size_t size, off_t offset) {
  Call call = on_fd(Op::kPread, fd);
  call.size = static_cast<std::int64_t>(size);
  call.offset = offset;
  return ask_bytes(call, buffer, size);
}
ssize_t AskingSys::write(int fd, const void* bytes, std::size_t size) {
  Call call = on_fd(Op::kWrite, fd);
  call.text = texts_.intern({static_cast<const char*>(bytes), size});
  return static_cast<ssize_t>(ask_(call).result);
}
ssize_t AskingSys::pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  Call call = on_fd(Op::kPwrite, fd);
  call.text = texts_.intern({static_cast<const char*>(bytes), size});
  call.offset = offset;
  return static_cast<ssize_t>(ask_(call).result);
}
int AskingSys::ftruncate(int fd, off_t size) {
  Call call = on_fd(Op::kFtruncate, fd);
  call.size = size;
  return ask_int(call);
}
int AskingSys::fchmod(int fd, mode_t mode) {
  Call call = on_fd(Op::kFchmod, fd);
  call.extra = static_cast<std::int32_t>(mode);
  return ask_int(call);
}
int AskingSys::fsync(int fd) { return ask_int(on_fd(Op::kFsync, fd)); }
int AskingSys::fstat(int fd, struct stat* out) { return ask_stat(on_fd(Op::kFstat, fd), out); }
int AskingSys::fstatfs(int fd, struct statfs* out) {
  const Answer answer = ask_(on_fd(Op::kFstatfs, fd));
  *out = {};
  out->f_type = answer.value;
  return static_cast<int>(answer.result);
}

int AskingSys::flock(int fd, int operation) {
  return ask_int(with_flags(on_fd(Op::kFlock, fd), operation));
}
int AskingSys::fcntl_lock(int fd, int command, struct flock* lock) {
  Call call = with_flags(on_fd(Op::kFcntlLock, fd), command);
  call.extra = lock->l_type;
  call.size = lock->l_len;
  call.offset = lock->l_start;
  const Answer answer = ask_(call);
  if (answer.result == 0 && (command == F_GETLK || command == F_OFD_GETLK)) {
    lock->l_type = static_cast<short>(answer.mode);
    if (lock->l_type != F_UNLCK) lock->l_pid = static_cast<pid_t>(answer.value);
  }
  return static_cast<int>(answer.result);
}

int AskingSys::socket(int flags) { return ask_int(with_flags(call_of(Op::kSocket), flags)); }
int AskingSys::reuse_address(int fd, bool on) {
  return ask_int(with_flags(on_fd(Op::kReuseAddress, fd), on ? 1 : 0));
}
int AskingSys::bind(int fd, std::uint16_t port) { return ask_int(on_port(Op::kBind, fd, port)); }
int AskingSys::listen(int fd, int backlog) {
  return ask_int(with_flags(on_fd(Op::kListen, fd), backlog));
}
int AskingSys::connect(int fd, std::uint16_t port) {
  return ask_int(on_port(Op::kConnect, fd, port));
}

pid_t AskingSys::getpid() { return ask_int(call_of(Op::kGetpid)); }
pid_t AskingSys::getppid() { return ask_int(call_of(Op::kGetppid)); }
uid_t AskingSys::geteuid() { return static_cast<uid_t>(ask_int(call_of(Op::kGeteuid))); }
pid_t AskingSys::fork() { return ask_int(call_of(Op::kFork)); }
int AskingSys::execvp(const char* file, char* const /*argv*/[]) {
  Call call = call_of(Op::kExecvp);
  call.text = text(file);
  return ask_int(call);
}
void AskingSys::exit(int status) {
  ask_(with_flags(call_of(Op::kExit), status));
  std::abort();  // nobody answers an exit
}
pid_t AskingSys::waitpid(pid_t pid, int* status, int options) {
  const Answer answer = ask_(on_pid(Op::kWaitpid, pid, options));
  if (answer.result > 0 && status != nullptr) *status = static_cast<int>(answer.value);
  return static_cast<pid_t>(answer.result);
}
pid_t AskingSys::setsid() { return ask_int(call_of(Op::kSetsid)); }
int AskingSys::set_parent_death_signal(int signal) {
  return ask_int(with_flags(call_of(Op::kSetParentDeathSignal), signal));
}

int AskingSys::kill(pid_t pid, int signal) { return ask_int(on_pid(Op::kKill, pid, signal)); }
int AskingSys::pidfd_open(pid_t pid) { return ask_int(on_pid(Op::kPidfdOpen, pid, 0)); }
int AskingSys::pidfd_send_signal(int pidfd, int signal) {
  return ask_int(with_flags(on_fd(Op::kPidfdSendSignal, pidfd), signal));
}
int AskingSys::signal_fd(std::uint64_t mask) {
  Call call = call_of(Op::kSignalFd);
  call.size = static_cast<std::int64_t>(mask);
  return ask_int(call);
}

int AskingSys::poll(struct pollfd* fds, nfds_t count, int timeout_ms) {
  if (count > kPolled) return -EINVAL;
  for (nfds_t i = 0; i < count; ++i) {
    if (fds[i].events != POLLIN) return -EINVAL;
  }
  Call call = call_of(Op::kPoll);
  call.fd = count > 0 ? fds[0].fd : -1;
  call.fd2 = count > 1 ? fds[1].fd : -1;
  call.extra = count > 2 ? fds[2].fd : -1;
  call.size = timeout_ms;
  const Answer answer = ask_(call);
  for (nfds_t i = 0; i < count; ++i) fds[i].revents = (answer.value >> (8 * i)) & 0xff;
  return static_cast<int>(answer.result);
}
int AskingSys::sleep(std::int64_t nanoseconds) {
  Call call = call_of(Op::kSleep);
  call.size = nanoseconds;
  return ask_int(call);
}
int AskingSys::clock_gettime(clockid_t clock, struct timespec* out) {
  const Answer answer = ask_(with_flags(call_of(Op::kClockGettime), clock));
  if (answer.result == 0) {
    out->tv_sec = answer.value / 1'000'000'000;
    out->tv_nsec = answer.value % 1'000'000'000;
  }
  return static_cast<int>(answer.result);
}

}  // namespace lockproof
