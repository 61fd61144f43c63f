// SPDX-License-Identifier: Apache-2.0
#include "trace/namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "core/fd.h"

namespace lockproof {

pid_t fork_into(unsigned long namespaces) {
  return static_cast<pid_t>(
      ::syscall(SYS_clone, namespaces | SIGCHLD, nullptr, nullptr, nullptr, 0));
}

bool write_file(const char* path, std::string_view text) {
  const Fd fd(::open(path, O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::string map_ids(uid_t inside_uid, uid_t uid, gid_t inside_gid, gid_t gid) {
  const auto line = [](auto inside, auto outside) {
    return fmt::format("{} {} 1", inside, outside);
  };
  if (!write_file("/proc/self/setgroups", "deny")) return "/proc/self/setgroups";
  if (!write_file("/proc/self/uid_map", line(inside_uid, uid))) return "/proc/self/uid_map";
  if (!write_file("/proc/self/gid_map", line(inside_gid, gid))) return "/proc/self/gid_map";
  return "";
}

std::string make_mounts_private() {
  const bool made = ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (made) return "";
  return errno == EINVAL ? "private mounts, where / is no mount, as in a plain chroot"
                         : "private mounts";
}

std::string make_mounts_read_only() {
  struct mount_attr attributes {};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  const bool made = ::syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attributes,
                              sizeof attributes) == 0;
  return made ? "" : "read-only mounts";
}

std::string mount_proc() {
  const bool made =
      ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
  return made ? "" : "mounting /proc";
}

std::string mount_tmpfs(const char* where, const char* options) {
  const bool made = ::mount("tmpfs", where, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
  return made ? "" : std::string("mounting ") + where;
}

}  // namespace lockproof
