// SPDX-License-Identifier: Apache-2.0
// AskingSys: a Sys whose every call becomes a Call, is answered by somebody else, and comes back as
// what the kernel would have written. It keeps no state: what a call means is decided by who
// answers.
#pragma once

#include <functional>

#include "port/sys.h"
#include "program/call.h"

namespace lockproof {

class AskingSys final : public solo::port::Sys {
 public:
  using Ask = std::function<Answer(const Call& call)>;

  // `texts` must outlive this.
  AskingSys(Texts& texts, Ask ask) : texts_(texts), ask_(std::move(ask)) {}

  int openat(int dir, const char* path, int flags, mode_t mode) override;
  int mkdirat(int dir, const char* path, mode_t mode) override;
  int unlinkat(int dir, const char* path, int flags) override;
  int renameat(int from_dir, const char* from, int to_dir, const char* to) override;
  int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) override;
  int symlinkat(const char* target, int dir, const char* path) override;
  ssize_t readlinkat(int dir, const char* path, char* buffer, std::size_t size) override;
  int fstatat(int dir, const char* path, struct stat* out, int flags) override;

  int close(int fd) override;
  int dup_above(int fd, int lowest) override;
  ssize_t read(int fd, void* buffer, std::size_t size) override;
  ssize_t pread(int fd, void* buffer, std::size_t size, off_t offset) override;
  ssize_t write(int fd, const void* bytes, std::size_t size) override;
  ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) override;
  int ftruncate(int fd, off_t size) override;
  int fchmod(int fd, mode_t mode) override;
  int fsync(int fd) override;
  int fstat(int fd, struct stat* out) override;
  int fstatfs(int fd, struct statfs* out) override;

  int flock(int fd, int operation) override;
  int fcntl_lock(int fd, int command, struct flock* lock) override;

  int socket(int flags) override;
  int reuse_address(int fd, bool on) override;
  int bind(int fd, std::uint16_t port) override;
  int listen(int fd, int backlog) override;
  int connect(int fd, std::uint16_t port) override;

  pid_t getpid() override;
  pid_t getppid() override;
  uid_t geteuid() override;
  pid_t fork() override;
  int execvp(const char* file, char* const argv[]) override;
  [[noreturn]] void exit(int status) override;
  pid_t waitpid(pid_t pid, int* status, int options) override;
  pid_t setsid() override;
  int set_parent_death_signal(int signal) override;

  int kill(pid_t pid, int signal) override;
  int pidfd_open(pid_t pid) override;
  int pidfd_send_signal(int pidfd, int signal) override;
  int signal_fd(std::uint64_t mask) override;

  // At most three descriptors, each for POLLIN; more is answered -EINVAL without asking.
  int poll(struct pollfd* fds, nfds_t count, int timeout_ms) override;
  int sleep(std::int64_t nanoseconds) override;
  int clock_gettime(clockid_t clock, struct timespec* out) override;

 private:
  Text text(const char* string) { return texts_.intern(string); }
  int ask_int(const Call& call) { return static_cast<int>(ask_(call).result); }
  ssize_t ask_bytes(const Call& call, void* buffer, std::size_t size);
  int ask_stat(const Call& call, struct stat* out);

  Texts& texts_;
  Ask ask_;
};

}  // namespace lockproof
