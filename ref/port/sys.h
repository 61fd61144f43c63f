// SPDX-License-Identifier: Apache-2.0
// Sys: the one door to the kernel.
//
// Everything that `solo` asks of the system goes through one of these calls, and so does every
// built-in subject of the harness. There are several kernels behind it: Linux (linux_sys()),
// decorators that delay or record calls, and a simulated one. Each call is one system call of the
// same name; no call does two things.
//
// Results are those of the kernel, not of libc: >= 0 is success, < 0 is the negated errno. `errno`
// is not touched. EINTR is reported, never retried: whether to go on is the caller's decision.
//
// Thread safety: as the system call. Blocking: only where said.
// If the process dies inside a call, the call has happened as a whole or not at all.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

namespace solo::port {

class Sys {
 public:
  virtual ~Sys() = default;

  // Names. `dir` is a descriptor or AT_FDCWD.
  virtual int openat(int dir, const char* path, int flags, mode_t mode) = 0;
  virtual int mkdirat(int dir, const char* path, mode_t mode) = 0;
  virtual int unlinkat(int dir, const char* path, int flags) = 0;
  virtual int renameat(int from_dir, const char* from, int to_dir, const char* to) = 0;
  virtual int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) = 0;
  virtual int symlinkat(const char* target, int dir, const char* path) = 0;
  virtual ssize_t readlinkat(int dir, const char* path, char* buffer, std::size_t size) = 0;
  virtual int fstatat(int dir, const char* path, struct stat* out, int flags) = 0;

  // Descriptors. read and write block on pipes, sockets and FIFOs.
  virtual int close(int fd) = 0;
  virtual int dup_above(int fd, int lowest) = 0;  // F_DUPFD_CLOEXEC
  virtual ssize_t read(int fd, void* buffer, std::size_t size) = 0;
  virtual ssize_t pread(int fd, void* buffer, std::size_t size, off_t offset) = 0;
  virtual ssize_t write(int fd, const void* bytes, std::size_t size) = 0;
  virtual ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) = 0;
  virtual int ftruncate(int fd, off_t size) = 0;
  virtual int fchmod(int fd, mode_t mode) = 0;
  virtual int fsync(int fd) = 0;
  virtual int fstat(int fd, struct stat* out) = 0;
  virtual int fstatfs(int fd, struct statfs* out) = 0;

  // Locks. flock() without LOCK_NB, F_SETLKW and F_OFD_SETLKW block.
  virtual int flock(int fd, int operation) = 0;
  virtual int fcntl_lock(int fd, int command,
                         struct flock* lock) = 0;  // F_[OFD_]{SETLK,SETLKW,GETLK}

  // Sockets: TCP over IPv4, on the loopback address 127.0.0.1 only. connect blocks while the
  // backlog of the one who listens is full.
  virtual int socket(int flags) = 0;               // AF_INET, SOCK_STREAM | flags
  virtual int reuse_address(int fd, bool on) = 0;  // setsockopt: SO_REUSEADDR
  virtual int bind(int fd, std::uint16_t port) = 0;
  virtual int listen(int fd, int backlog) = 0;
  virtual int connect(int fd, std::uint16_t port) = 0;

  // Processes. fork returns twice. waitpid blocks without WNOHANG.
  virtual pid_t getpid() = 0;
  virtual pid_t getppid() = 0;
  virtual uid_t geteuid() = 0;
  virtual pid_t fork() = 0;
  virtual int execvp(const char* file, char* const argv[]) = 0;  // returns only on failure
  [[noreturn]] virtual void exit(int status) = 0;                // _exit: no handlers run
  virtual pid_t waitpid(pid_t pid, int* status, int options) = 0;
  virtual pid_t setsid() = 0;
  virtual int set_parent_death_signal(int signal) = 0;

  // Signals. kill() with pid <= 1 is refused with -EPERM by every implementation: nothing of ours
  // ever means "everybody".
  virtual int kill(pid_t pid, int signal) = 0;
  virtual int pidfd_open(pid_t pid) = 0;
  virtual int pidfd_send_signal(int pidfd, int signal) = 0;
  // Blocks these signals for the process and returns a descriptor that reads them (signalfd,
  // O_CLOEXEC).
  virtual int signal_fd(std::uint64_t mask) = 0;

  // Waiting and time. poll (timeout in ms, -1: for ever) and sleep block.
  virtual int poll(struct pollfd* fds, nfds_t count, int timeout_ms) = 0;
  virtual int sleep(std::int64_t nanoseconds) = 0;
  virtual int clock_gettime(clockid_t clock, struct timespec* out) = 0;
};

// The real kernel. No state; lives for ever.
Sys& linux_sys();

}  // namespace solo::port
