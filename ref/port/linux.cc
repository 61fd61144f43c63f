// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "port/sys.h"

namespace solo::port {
namespace {

// libc's -1 and errno -> the kernel's negated errno.
template <class Integer>
Integer kernel(Integer result) {
  return result == -1 ? static_cast<Integer>(-errno) : result;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class LinuxSys final : public Sys {
 public:
  int openat(int dir, const char* path, int flags, mode_t mode) override {
    return kernel(::openat(dir, path, flags, mode));
  }
  int mkdirat(int dir, const char* path, mode_t mode) override {
    return kernel(::mkdirat(dir, path, mode));
  }
  int unlinkat(int dir, const char* path, int flags) override {
    return kernel(::unlinkat(dir, path, flags));
  }
  int renameat(int from_dir, const char* from, int to_dir, const char* to) override {
    return kernel(::renameat(from_dir, from, to_dir, to));
  }
  int linkat(int from_dir, const char* from, int to_dir, const char* to, int flags) override {
    return kernel(::linkat(from_dir, from, to_dir, to, flags));
  }
  int symlinkat(const char* target, int dir, const char* path) override {
    return kernel(::symlinkat(target, dir, path));
  }
  ssize_t readlinkat(int dir, const char* path, char* buffer, std::size_t size) override {
    return kernel(::readlinkat(dir, path, buffer, size));
  }
  int fstatat(int dir, const char* path, struct stat* out, int flags) override {
    return kernel(::fstatat(dir, path, out, flags));
  }

  int close(int fd) override { return kernel(::close(fd)); }
  int dup_above(int fd, int lowest) override {
    return kernel(::fcntl(fd, F_DUPFD_CLOEXEC, lowest));
  }
  ssize_t read(int fd, void* buffer, std::size_t size) override {
    return kernel(::read(fd, buffer, size));
  }
  ssize_t pread(int fd, void* buffer, std::size_t size, off_t offset) override {
    return kernel(::pread(fd, buffer, size, offset));
  }
  ssize_t write(int fd, const void* bytes, std::size_t size) override {
    return kernel(::write(fd, bytes, size));
  }
  ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) override {
    return kernel(::pwrite(fd, bytes, size, offset));
  }
  int ftruncate(int fd, off_t size) override { return kernel(::ftruncate(fd, size)); }
  int fchmod(int fd, mode_t mode) override { return kernel(::fchmod(fd, mode)); }
  int fsync(int fd) override { return kernel(::fsync(fd)); }
  int fstat(int fd, struct stat* out) override { return kernel(::fstat(fd, out)); }
  int fstatfs(int fd, struct statfs* out) override { return kernel(::fstatfs(fd, out)); }

  int flock(int fd, int operation) override { return kernel(::flock(fd, operation)); }
  int fcntl_lock(int fd, int command, struct flock* lock) override {
    return kernel(::fcntl(fd, command, lock));
  }

  int socket(int flags) override { return kernel(::socket(AF_INET, SOCK_STREAM | flags, 0)); }
  int reuse_address(int fd, bool on) override {
    const int value = on ? 1 : 0;
    return kernel(::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
  }
  int bind(int fd, std::uint16_t port) override {
    const sockaddr_in address = loopback(port);
    return kernel(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  }
  int listen(int fd, int backlog) override { return kernel(::listen(fd, backlog)); }
  int connect(int fd, std::uint16_t port) override {
    const sockaddr_in address = loopback(port);
    return kernel(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  }

  pid_t getpid() override { return ::getpid(); }
  pid_t getppid() override { return ::getppid(); }
  uid_t geteuid() override { return ::geteuid(); }
  pid_t fork() override {
    std::fflush(nullptr);  // or both processes would print what was buffered
    return kernel(::fork());
  }
  int execvp(const char* file, char* const argv[]) override { return kernel(::execvp(file, argv)); }
  [[noreturn]] void exit(int status) override { ::_exit(status); }
  pid_t waitpid(pid_t pid, int* status, int options) override {
    return kernel(::waitpid(pid, status, options));
  }
  pid_t setsid() override { return kernel(::setsid()); }
  int set_parent_death_signal(int signal) override {
    return kernel(::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(signal), 0, 0, 0));
  }

  int kill(pid_t pid, int signal) override {
    return pid <= 1 ? -EPERM : kernel(::kill(pid, signal));
  }
  int pidfd_open(pid_t pid) override {
    if (pid <= 1) return -EPERM;
    return static_cast<int>(kernel(::syscall(SYS_pidfd_open, pid, 0)));
  }
  int pidfd_send_signal(int pidfd, int signal) override {
    return static_cast<int>(kernel(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0)));
  }
  int signal_fd(std::uint64_t mask) override {
    sigset_t set;
    ::sigemptyset(&set);
    for (int signal = 1; signal < NSIG; ++signal) {
      if ((mask >> (signal - 1)) & 1) ::sigaddset(&set, signal);
    }
    if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return -errno;
    return kernel(::signalfd(-1, &set, SFD_CLOEXEC));
  }

  int poll(struct pollfd* fds, nfds_t count, int timeout_ms) override {
    return kernel(::poll(fds, count, timeout_ms));
  }
  int sleep(std::int64_t nanoseconds) override {
    struct timespec time {};
    time.tv_sec = nanoseconds / 1'000'000'000;
    time.tv_nsec = nanoseconds % 1'000'000'000;
    return -::clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nullptr);
  }
  int clock_gettime(clockid_t clock, struct timespec* out) override {
    return kernel(::clock_gettime(clock, out));
  }
};

}  // namespace

Sys& linux_sys() {
  static LinuxSys sys;
  return sys;
}

}  // namespace solo::port
