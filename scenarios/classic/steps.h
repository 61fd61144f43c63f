// SPDX-License-Identifier: Apache-2.0
// What the classic protocols have in common. Each function is the system calls that it names, in
// that order, and nothing else; none of them blocks.
#pragma once

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "subject/builtin.h"

namespace lockproof::classic {

inline std::string path_of(Session& session, std::string_view name) {
  return session.dir() + "/" + std::string(name);
}

// open -> the descriptor, or the negated errno
inline int open_file(Session& session, std::string_view name, int flags) {
  const std::string path = path_of(session, name);
  return session.sys().openat(AT_FDCWD, path.c_str(), flags | O_CLOEXEC, 0600);
}

// unlink; rmdir with AT_REMOVEDIR
inline int remove_name(Session& session, std::string_view name, int flags = 0) {
  return session.sys().unlinkat(AT_FDCWD, path_of(session, name).c_str(), flags);
}

// rename, over what lies there
inline int rename_name(Session& session, std::string_view from, std::string_view to) {
  return session.sys().renameat(AT_FDCWD, path_of(session, from).c_str(), AT_FDCWD,
                                path_of(session, to).c_str());
}

// link
inline int link_name(Session& session, std::string_view from, std::string_view to) {
  return session.sys().linkat(AT_FDCWD, path_of(session, from).c_str(), AT_FDCWD,
                              path_of(session, to).c_str(), 0);
}

// write, as "PID\n"
inline void write_number(Session& session, int fd, pid_t pid) {
  const std::string text = std::to_string(pid) + "\n";
  session.sys().write(fd, text.data(), text.size());
}

// getpid, write
inline void write_own_pid(Session& session, int fd) {
  write_number(session, fd, session.sys().getpid());
}

// open; if the file is new: getpid, write, close
inline bool make_file(Session& session, std::string_view name = "lock") {
  const int fd = open_file(session, name, O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  write_own_pid(session, fd);
  session.sys().close(fd);
  return true;
}

// open, flock -> the descriptor, or -1: another one has it
inline int try_lock(Session& session, std::string_view name = "lock", int operation = LOCK_EX) {
  const int fd = open_file(session, name, O_RDWR | O_CREAT);
  if (fd < 0) return -1;
  if (session.sys().flock(fd, operation | LOCK_NB) == 0) return fd;
  session.sys().close(fd);
  return -1;
}

// pread, from the beginning -> the pid, or a value of seen::
inline std::int64_t read_pid(Session& session, int fd) {
  char text[32];
  const ssize_t size = session.sys().pread(fd, text, sizeof text, 0);
  if (size < 0) return seen::kUnknown;
  return read_pid_text({text, static_cast<std::size_t>(size)});
}

// open, pread, close -> the pid that the file names, or a value of seen::
inline std::int64_t recorded_pid(Session& session, std::string_view name) {
  const int fd = open_file(session, name, O_RDONLY);
  if (fd < 0) return fd == -ENOENT ? seen::kAbsent : seen::kUnknown;
  const std::int64_t pid = read_pid(session, fd);
  session.sys().close(fd);
  return pid;
}

// kill, signal 0 -> is it the pid of a process that has ended? No call when it is no pid.
inline bool has_ended(Session& session, std::int64_t pid) {
  return pid > 1 && session.sys().kill(static_cast<pid_t>(pid), 0) == -ESRCH;
}

// No call of the subject's own.
inline void own(Session& session) {
  session.owns();
  session.hold();
  session.gives_up();
}

// close
inline void lose(Session& session, int fd) {
  session.sys().close(fd);
  session.busy();
}

}  // namespace lockproof::classic
