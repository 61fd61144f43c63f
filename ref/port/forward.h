// SPDX-License-Identifier: Apache-2.0
// ForwardSys: a Sys that passes every call on to another one. Decorators (delays, recording,
// injected errors) derive from it and override what they change; those that treat all calls alike
// override before().
#pragma once

#include "port/sys.h"

namespace solo::port {

class ForwardSys : public Sys {
 public:
  // `next` must outlive this.
  explicit ForwardSys(Sys& next) : next_(next) {}

  int openat(int dir, const char* path, int flags, mode_t mode) override {
    return before("openat"), next_.openat(dir, path, flags, mode);
  }
  int mkdirat(int dir, const char* path, mode_t mode) override {
    return before("mkdirat"), next_.mkdirat(dir, path, mode);
  }
  int unlinkat(int dir, const char* path, int flags) override {
    return before("unlinkat"), next_.unlinkat(dir, path, flags);
  }
  int renameat(int from_dir, const char* from, int to_dir, const char* to) override {
    return before("renameat"), next_.renameat(from_dir, from, to_dir, to);
  }
  int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) override {
    return before("linkat"), next_.linkat(from_dir, from, to_dir, to, flags);
  }
  int symlinkat(const char* target, int dir, const char* path) override {
    return before("symlinkat"), next_.symlinkat(target, dir, path);
  }
  ssize_t readlinkat(int dir, const char* path, char* buffer, std::size_t size) override {
    return before("readlinkat"), next_.readlinkat(dir, path, buffer, size);
  }
  int fstatat(int dir, const char* path, struct stat* out, int flags) override {
    return before("fstatat"), next_.fstatat(dir, path, out, flags);
  }
  int close(int fd) override { return before("close"), next_.close(fd); }
  int dup_above(int fd, int lowest) override {
    return before("dup_above"), next_.dup_above(fd, lowest);
  }
  ssize_t read(int fd, void* buffer, std::size_t size) override {
    return before("read"), next_.read(fd, buffer, size);
  }
  ssize_t pread(int fd, void* buffer, std::size_t size, off_t offset) override {
    return before("pread"), next_.pread(fd, buffer, size, offset);
  }
  ssize_t write(int fd, const void* bytes, std::size_t size) override {
    return before("write"), next_.write(fd, bytes, size);
  }
  ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) override {
    return before("pwrite"), next_.pwrite(fd, bytes, size, offset);
  }
  int ftruncate(int fd, off_t size) override {
    return before("ftruncate"), next_.ftruncate(fd, size);
  }
  int fchmod(int fd, mode_t mode) override { return before("fchmod"), next_.fchmod(fd, mode); }
  int fsync(int fd) override { return before("fsync"), next_.fsync(fd); }
  int fstat(int fd, struct stat* out) override { return before("fstat"), next_.fstat(fd, out); }
  int fstatfs(int fd, struct statfs* out) override {
    return before("fstatfs"), next_.fstatfs(fd, out);
  }
  int flock(int fd, int operation) override { return before("flock"), next_.flock(fd, operation); }
  int fcntl_lock(int fd, int command, struct flock* lock) override {
    return before("fcntl_lock"), next_.fcntl_lock(fd, command, lock);
  }
  pid_t getpid() override { return before("getpid"), next_.getpid(); }
  pid_t getppid() override { return before("getppid"), next_.getppid(); }
  uid_t geteuid() override { return before("geteuid"), next_.geteuid(); }
  pid_t fork() override { return before("fork"), next_.fork(); }
  int execvp(const char* file, char* const argv[]) override {
    return before("execvp"), next_.execvp(file, argv);
  }
  [[noreturn]] void exit(int status) override {
    before("exit");
    next_.exit(status);
    __builtin_unreachable();
  }
  pid_t waitpid(pid_t pid, int* status, int options) override {
    return before("waitpid"), next_.waitpid(pid, status, options);
  }
  pid_t setsid() override { return before("setsid"), next_.setsid(); }
  int set_parent_death_signal(int signal) override {
    return before("set_parent_death_signal"), next_.set_parent_death_signal(signal);
  }
  int kill(pid_t pid, int signal) override { return before("kill"), next_.kill(pid, signal); }
  int pidfd_open(pid_t pid) override { return before("pidfd_open"), next_.pidfd_open(pid); }
  int pidfd_send_signal(int pidfd, int signal) override {
    return before("pidfd_send_signal"), next_.pidfd_send_signal(pidfd, signal);
  }
  int signal_fd(std::uint64_t mask) override { return before("signal_fd"), next_.signal_fd(mask); }
  int poll(struct pollfd* fds, nfds_t count, int timeout_ms) override {
    return before("poll"), next_.poll(fds, count, timeout_ms);
  }
  int sleep(std::int64_t nanoseconds) override { return before("sleep"), next_.sleep(nanoseconds); }
  int clock_gettime(clockid_t clock, struct timespec* out) override {
    return before("clock_gettime"), next_.clock_gettime(clock, out);
  }

 protected:
  Sys& next() { return next_; }

  // Called before each call with its name.
  virtual void before(const char* /*call*/) {}

 private:
  Sys& next_;
};

}  // namespace solo::port
