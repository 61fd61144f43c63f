// SPDX-License-Identifier: Apache-2.0
// An outsider's looks at the files of a live run. Everybody stands still meanwhile, so a lock that
// is tried, and given back, is seen by nobody.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "live/live_world.h"

namespace lockproof::live {
namespace {

// `path`: from the directory of the run, or absolute.
Fd open_regular(int home, std::string_view directory, std::string_view path) {
  const std::string below = std::string(directory) + "/";
  if (path.starts_with(below)) path.remove_prefix(below.size());
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  Fd fd(::openat(home, std::string(path).c_str(), kFlags));
  struct stat info {};
  const bool regular = fd && ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
  return regular ? std::move(fd) : Fd();
}

// By anybody: of flock(2), or of the first byte.
bool is_locked(int fd) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return true;
  ::flock(fd, LOCK_UN);
  struct flock query {};
  query.l_type = F_WRLCK;
  query.l_len = 1;
  return ::fcntl(fd, F_OFD_GETLK, &query) == 0 && query.l_type != F_UNLCK;
}

bool holds_orphan_lock(const Process& process) {
  for (const int fd : open_descriptors(process.host_pid)) {
    struct stat info {};
    const std::string path = fmt::format("/proc/{}/fd/{}", process.host_pid, fd);
    const bool removed = ::stat(path.c_str(), &info) == 0 && info.st_nlink == 0;
    if (!removed || !S_ISREG(info.st_mode)) continue;
    if (!descriptor_info(process.host_pid, fd, "lock:").empty()) return true;
  }
  return false;
}

}  // namespace

std::optional<World::File> LiveWorld::file(std::string_view path) const {
  const Fd fd = open_regular(nursery_->home(), directory(), path);
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return std::nullopt;
  File found;
  found.inode = info.st_ino;
  std::array<char, 4096> buffer;
  for (ssize_t size = 0; (size = ::read(fd.get(), buffer.data(), buffer.size())) > 0;) {
    found.content.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return found;
}

World::Locked LiveWorld::locked(std::string_view path) const {
  const Fd fd = open_regular(nursery_->home(), directory(), path);
  if (fd && is_locked(fd.get())) return Locked::kYes;
  if (!names_go_) return Locked::kNo;
  for (const Process& process : processes_) {
    if (process.tracee && holds_orphan_lock(process)) return Locked::kOrphan;
  }
  return Locked::kNo;
}

}  // namespace lockproof::live
