// SPDX-License-Identifier: Apache-2.0
#include "trace/descendants.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <map>
#include <string>

#include "core/fd.h"

namespace lockproof {
namespace {

constexpr int kRounds =
    500;  // of 10 ms: a kill takes effect within a few, unless the process sleeps in the kernel

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::map<pid_t, pid_t> parents() {
  std::map<pid_t, pid_t> parents;
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return parents;
  while (const dirent* entry = ::readdir(proc)) {
    const auto pid = number<pid_t>(entry->d_name);
    if (!pid) continue;
    if (const auto parent = parent_of(*pid)) parents[*pid] = *parent;
  }
  ::closedir(proc);
  return parents;
}

// Through a pidfd, and only while the process is still ours: its number may have been handed on
// since /proc was read.
void kill_if_ours(pid_t pid, const std::map<pid_t, pid_t>& seen) {
  if (pid <= 1) return;
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) return;
  const auto parent = parent_of(pid);
  const bool same = parent && (*parent == seen.at(pid) || *parent == ::getpid());
  if (same) ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
}

}  // namespace

std::optional<pid_t> parent_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> buffer;
  const ssize_t size = fd ? ::read(fd.get(), buffer.data(), buffer.size()) : -1;
  if (size <= 0) return std::nullopt;
  return parent_in_stat({buffer.data(), static_cast<std::size_t>(size)});
}

std::optional<pid_t> parent_in_stat(std::string_view stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::string_view rest = stat.substr(name_end + 1);  // " S 41 ..."
  if (rest.size() < 4 || rest[0] != ' ' || rest[2] != ' ') return std::nullopt;
  rest.remove_prefix(3);
  return number<pid_t>(rest.substr(0, rest.find(' ')));
}

std::vector<pid_t> descendants() {
  const std::map<pid_t, pid_t> all = parents();
  const pid_t self = ::getpid();
  std::vector<pid_t> below;
  for (const auto& [pid, parent] : all) {
    pid_t ancestor = parent;
    // As many steps as there are processes: what /proc showed over a while need not be a tree.
    for (std::size_t steps = 0; ancestor != self && steps < all.size(); ++steps) {
      const auto up = all.find(ancestor);
      if (up == all.end()) break;
      ancestor = up->second;
    }
    if (ancestor == self) below.push_back(pid);
  }
  return below;
}

std::size_t kill_descendants() {
  std::size_t left = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::map<pid_t, pid_t> seen = parents();
    const std::vector<pid_t> below = descendants();
    for (pid_t pid : below) {
      if (seen.contains(pid)) kill_if_ours(pid, seen);
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    left = descendants().size();
    if (left == 0) break;
    const struct timespec pause { 0, 10'000'000 };
    ::nanosleep(&pause, nullptr);
  }
  return left;
}

}  // namespace lockproof
