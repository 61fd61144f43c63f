// SPDX-License-Identifier: Apache-2.0
// RelaySys: passes every call on to another kernel, and asks a test before and after each one.
#pragma once

#include <cstdlib>
#include <functional>
#include <string_view>

#include "port/sys.h"

namespace solo::testing {

class RelaySys : public port::Sys {
 public:
  explicit RelaySys(port::Sys& kernel) : kernel_(kernel) {}

  // A negated errno instead of the call; 0 lets it happen. Not asked where a call cannot fail.
  std::function<int(std::string_view call)> before = [](std::string_view) { return 0; };
  // The call has happened. Its answer may be replaced by a negated errno; 0 leaves it.
  std::function<int(std::string_view call)> after = [](std::string_view) { return 0; };

#define RELAY(result, call, parameters, ...)                                            \
  result call parameters override {                                                     \
    return static_cast<result>(pass(#call, [&] { return kernel_.call(__VA_ARGS__); })); \
  }
  RELAY(int, openat, (int dir, const char* path, int flags, mode_t mode), dir, path, flags, mode)
  RELAY(int, mkdirat, (int dir, const char* path, mode_t mode), dir, path, mode)
  RELAY(int, unlinkat, (int dir, const char* path, int flags), dir, path, flags)
  RELAY(int, renameat, (int a, const char* from, int b, const char* to), a, from, b, to)
  RELAY(int, linkat, (int a, const char* from, int b, const char* to, int flags), a, from, b, to,
        flags)
  RELAY(int, symlinkat, (const char* target, int dir, const char* path), target, dir, path)
  RELAY(ssize_t, readlinkat, (int dir, const char* path, char* buffer, std::size_t size), dir, path,
        buffer, size)
  RELAY(int, fstatat, (int dir, const char* path, struct stat* out, int flags), dir, path, out,
        flags)
  RELAY(int, dup_above, (int fd, int lowest), fd, lowest)
  RELAY(ssize_t, read, (int fd, void* buffer, std::size_t size), fd, buffer, size)
  RELAY(ssize_t, pread, (int fd, void* buffer, std::size_t size, off_t at), fd, buffer, size, at)
  RELAY(ssize_t, write, (int fd, const void* bytes, std::size_t size), fd, bytes, size)
  RELAY(ssize_t, pwrite, (int fd, const void* b, std::size_t size, off_t at), fd, b, size, at)
  RELAY(int, ftruncate, (int fd, off_t size), fd, size)
  RELAY(int, fchmod, (int fd, mode_t mode), fd, mode)
  RELAY(int, fsync, (int fd), fd)
  RELAY(int, fstat, (int fd, struct stat* out), fd, out)
  RELAY(int, fstatfs, (int fd, struct statfs* out), fd, out)
  RELAY(int, flock, (int fd, int operation), fd, operation)
  RELAY(int, fcntl_lock, (int fd, int command, struct flock* lock), fd, command, lock)
  RELAY(pid_t, waitpid, (pid_t pid, int* status, int options), pid, status, options)
  RELAY(pid_t, setsid, ())
  RELAY(int, set_parent_death_signal, (int signal), signal)
  RELAY(int, kill, (pid_t pid, int signal), pid, signal)
  RELAY(int, pidfd_open, (pid_t pid), pid)
  RELAY(int, pidfd_send_signal, (int pidfd, int signal), pidfd, signal)
  RELAY(int, signal_fd, (std::uint64_t mask), mask)
  RELAY(int, poll, (struct pollfd * fds, nfds_t count, int timeout), fds, count, timeout)
  RELAY(int, sleep, (std::int64_t nanoseconds), nanoseconds)
  RELAY(int, clock_gettime, (clockid_t clock, struct timespec* out), clock, out)
#undef RELAY

  // Linux frees the descriptor even when close fails.
  int close(int fd) override {
    const int refused = before("close");
    const int result = kernel_.close(fd);
    const int replaced = after("close");
    return refused != 0 ? refused : replaced != 0 ? replaced : result;
  }

  pid_t getpid() override { return kernel_.getpid(); }
  pid_t getppid() override { return kernel_.getppid(); }
  uid_t geteuid() override { return kernel_.geteuid(); }
  pid_t fork() override { return kernel_.fork(); }
  int execvp(const char* file, char* const argv[]) override { return kernel_.execvp(file, argv); }
  [[noreturn]] void exit(int status) override {
    kernel_.exit(status);
    std::abort();  // not reached; g++ forgets [[noreturn]] on a virtual call
  }

 private:
  template <class Call>
  long pass(std::string_view name, Call call) {
    if (const int refused = before(name); refused != 0) return refused;
    const long result = static_cast<long>(call());
    const int replaced = after(name);
    return replaced != 0 ? replaced : result;
  }

  port::Sys& kernel_;
};

}  // namespace solo::testing
