// SPDX-License-Identifier: Apache-2.0
// What the end of a process would free, so that somebody might notice it: locks, ports, files that
// have no name any more. What another process has open, too, stays.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/kcmp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "live/live_world.h"

namespace lockproof::live {
namespace {

// Of a process that has not closed its files.
bool has_files(const Process& process) {
  return process.tracee && process.state < ProcessState::kReleased;
}

bool is_same_open_file(const Process& a, int fd, const Process& b, int other) {
  return ::syscall(SYS_kcmp, a.host_pid, b.host_pid, KCMP_FILE, fd, other) == 0;
}

bool is_same_inode(const Process& a, int fd, const Process& b, int other) {
  struct stat one {};
  struct stat two {};
  return ::stat(fmt::format("/proc/{}/fd/{}", a.host_pid, fd).c_str(), &one) == 0 &&
         ::stat(fmt::format("/proc/{}/fd/{}", b.host_pid, other).c_str(), &two) == 0 &&
         one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

bool has_port(const Process& process, int fd) {
  const Fd same(static_cast<int>(::syscall(SYS_pidfd_getfd, process.pidfd.get(), fd, 0)));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  return same && ::getsockname(same.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.sin_port != 0;
}

}  // namespace

bool LiveWorld::others_have(const Process& process, int fd, IsSame same) const {
  return std::any_of(processes_.begin(), processes_.end(), [&](const Process& other) {
    if (&other == &process || !has_files(other)) return false;
    const std::vector<int> theirs = open_descriptors(other.host_pid);
    return std::any_of(theirs.begin(), theirs.end(),
                       [&](int their) { return same(process, fd, other, their); });
  });
}

bool LiveWorld::frees(const Process& process, int fd) const {
  const std::string what = what_is_open(process.host_pid, fd);
  if (what.ends_with(" (deleted)") && !others_have(process, fd, is_same_inode)) return true;
  const std::vector<std::string> locks = descriptor_info(process.host_pid, fd, "lock:");
  for (const std::string& lock : locks) {
    if (lock.find(" POSIX ") != lock.npos) return true;  // of the process
  }
  const bool counts = !locks.empty() || (what.starts_with("socket:") && has_port(process, fd));
  return counts && !others_have(process, fd, is_same_open_file);
}

bool LiveWorld::frees_something(const Process& process) const {
  const std::vector<int> fds = open_descriptors(process.host_pid);
  return std::any_of(fds.begin(), fds.end(), [&](int fd) { return frees(process, fd); });
}

bool LiveWorld::is_pinned(const Process& process) const {
  return has_pidfds_ && std::any_of(processes_.begin(), processes_.end(), [&](const Process& one) {
           if (!has_files(one)) return false;
           const std::vector<int> fds = open_descriptors(one.host_pid);
           return std::any_of(fds.begin(), fds.end(), [&](int fd) {
             const auto named = descriptor_info(one.host_pid, fd, "Pid:");
             return !named.empty() && std::atoi(named.front().c_str()) == process.host_pid;
           });
         });
}

}  // namespace lockproof::live
