// SPDX-License-Identifier: Apache-2.0
// ForwardSys: a Sys that passes every call on to another one. Decorators (delays, recording,
// injected errors) derive from it and override single calls, or the two hooks that see all of them.
#pragma once

#include <cstdlib>

#include "port/sys.h"

namespace solo::port {

class ForwardSys : public Sys {
 public:
  // `next` must outlive this.
  explicit ForwardSys(Sys& next) : next_(next) {}

  int openat(int dir, const char* path, int flags, mode_t mode) override {
    return pass("openat", [&] { return next_.openat(dir, path, flags, mode); });
  }
  int mkdirat(int dir, const char* path, mode_t mode) override {
    return pass("mkdirat", [&] { return next_.mkdirat(dir, path, mode); });
  }
  int unlinkat(int dir, const char* path, int flags) override {
    return pass("unlinkat", [&] { return next_.unlinkat(dir, path, flags); });
  }
  int renameat(int from_dir, const char* from, int to_dir, const char* to) override {
    return pass("renameat", [&] { return next_.renameat(from_dir, from, to_dir, to); });
  }
  int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) override {
    return pass("linkat", [&] { return next_.linkat(from_dir, from, to_dir, to, flags); });
  }
  int symlinkat(const char* target, int dir, const char* path) override {
    return pass("symlinkat", [&] { return next_.symlinkat(target, dir, path); });
  }
  ssize_t readlinkat(int dir, const char* path, char* buffer, std::size_t size) override {
    return pass("readlinkat", [&] { return next_.readlinkat(dir, path, buffer, size); });
  }
  int fstatat(int dir, const char* path, struct stat* out, int flags) override {
    return pass("fstatat", [&] { return next_.fstatat(dir, path, out, flags); });
  }
  int close(int fd) override {
    return pass("close", [&] { return next_.close(fd); });
  }
  int dup_above(int fd, int lowest) override {
    return pass("dup_above", [&] { return next_.dup_above(fd, lowest); });
  }
  ssize_t read(int fd, void* buffer, std::size_t size) override {
    return pass("read", [&] { return next_.read(fd, buffer, size); });
  }
  ssize_t pread(int fd, void* buffer, std::size_t size, off_t offset) override {
    return pass("pread", [&] { return next_.pread(fd, buffer, size, offset); });
  }
  ssize_t write(int fd, const void* bytes, std::size_t size) override {
    return pass("write", [&] { return next_.write(fd, bytes, size); });
  }
  ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) override {
    return pass("pwrite", [&] { return next_.pwrite(fd, bytes, size, offset); });
  }
  int ftruncate(int fd, off_t size) override {
    return pass("ftruncate", [&] { return next_.ftruncate(fd, size); });
  }
  int fchmod(int fd, mode_t mode) override {
    return pass("fchmod", [&] { return next_.fchmod(fd, mode); });
  }
  int fsync(int fd) override {
    return pass("fsync", [&] { return next_.fsync(fd); });
  }
  int fstat(int fd, struct stat* out) override {
    return pass("fstat", [&] { return next_.fstat(fd, out); });
  }
  int fstatfs(int fd, struct statfs* out) override {
    return pass("fstatfs", [&] { return next_.fstatfs(fd, out); });
  }
  int flock(int fd, int operation) override {
    return pass("flock", [&] { return next_.flock(fd, operation); });
  }
  int fcntl_lock(int fd, int command, struct flock* lock) override {
    return pass("fcntl_lock", [&] { return next_.fcntl_lock(fd, command, lock); });
  }
  int socket(int flags) override {
    return pass("socket", [&] { return next_.socket(flags); });
  }
  int reuse_address(int fd, bool on) override {
    return pass("reuse_address", [&] { return next_.reuse_address(fd, on); });
  }
  int bind(int fd, std::uint16_t port) override {
    return pass("bind", [&] { return next_.bind(fd, port); });
  }
  int listen(int fd, int backlog) override {
    return pass("listen", [&] { return next_.listen(fd, backlog); });
  }
  int connect(int fd, std::uint16_t port) override {
    return pass("connect", [&] { return next_.connect(fd, port); });
  }
  pid_t getpid() override { return refuse("getpid"), next_.getpid(); }
  pid_t getppid() override { return refuse("getppid"), next_.getppid(); }
  uid_t geteuid() override { return refuse("geteuid"), next_.geteuid(); }
  pid_t fork() override {
    return pass("fork", [&] { return next_.fork(); });
  }
  int execvp(const char* file, char* const argv[]) override {
    return pass("execvp", [&] { return next_.execvp(file, argv); });
  }
  [[noreturn]] void exit(int status) override {
    refuse("exit");
    next_.exit(status);
    std::abort();  // not reached; g++ forgets [[noreturn]] on a virtual call
  }
  pid_t waitpid(pid_t pid, int* status, int options) override {
    return pass("waitpid", [&] { return next_.waitpid(pid, status, options); });
  }
  pid_t setsid() override {
    return pass("setsid", [&] { return next_.setsid(); });
  }
  int set_parent_death_signal(int signal) override {
    return pass("set_parent_death_signal", [&] { return next_.set_parent_death_signal(signal); });
  }
  int kill(pid_t pid, int signal) override {
    return pass("kill", [&] { return next_.kill(pid, signal); });
  }
  int pidfd_open(pid_t pid) override {
    return pass("pidfd_open", [&] { return next_.pidfd_open(pid); });
  }
  int pidfd_send_signal(int pidfd, int signal) override {
    return pass("pidfd_send_signal", [&] { return next_.pidfd_send_signal(pidfd, signal); });
  }
  int signal_fd(std::uint64_t mask) override {
    return pass("signal_fd", [&] { return next_.signal_fd(mask); });
  }
  int poll(struct pollfd* fds, nfds_t count, int timeout_ms) override {
    return pass("poll", [&] { return next_.poll(fds, count, timeout_ms); });
  }
  int sleep(std::int64_t nanoseconds) override {
    return pass("sleep", [&] { return next_.sleep(nanoseconds); });
  }
  int clock_gettime(clockid_t clock, struct timespec* out) override {
    return pass("clock_gettime", [&] { return next_.clock_gettime(clock, out); });
  }

 protected:
  Sys& next() { return next_; }

  // Before each call, with its name. A negated errno is the answer instead of the call; 0 lets it
  // happen. What it gives is ignored where a call cannot fail (getpid, exit).
  virtual int refuse(const char* /*call*/) { return 0; }
  // After a call that has happened, with its result. A negated errno replaces the result; 0 leaves
  // it.
  virtual int replace(const char* /*call*/) { return 0; }

 private:
  template <class Call>
  auto pass(const char* name, Call call) -> decltype(call()) {
    if (const int refused = refuse(name); refused != 0) return refused;
    const auto result = call();
    const int replaced = replace(name);
    return replaced != 0 ? replaced : result;
  }

  Sys& next_;
};

}  // namespace solo::port
