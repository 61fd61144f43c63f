// SPDX-License-Identifier: Apache-2.0
// What the protocols of this family have in common, besides the steps of the classic ones. Each
// function is the system calls that it names, in that order, and nothing else.
#pragma once

#include <algorithm>

#include "../classic/steps.h"

namespace lockproof::stale {

using namespace classic;

// open, read, close -> what the file holds; "" when there is none
inline std::string text_of(Session& session, const std::string& path) {
  const int fd = session.sys().openat(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return "";
  char text[1024];
  const ssize_t size = session.sys().read(fd, text, sizeof text);
  session.sys().close(fd);
  return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
}

// open, read, close -> proc(5), field 22; "" when there is no such process any more
inline std::string start_time(Session& session, std::string_view process) {
  const std::string line = text_of(session, "/proc/" + std::string(process) + "/stat");
  std::string_view rest = line;
  // Field 2 may hold anything, field 3 is behind its last bracket.
  rest.remove_prefix(std::min(rest.size(), rest.rfind(')') + 1));
  for (int field = 2; field < 22; ++field) {
    rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

// open, read, close -> the id of this boot, random(4)
inline std::string boot_id(Session& session) {
  std::string id = text_of(session, "/proc/sys/kernel/random/boot_id");
  return id.substr(0, id.find('\n'));
}

// getpid: what is written of oneself where a record is "pid"
inline std::string own_pid(Session& session) {
  return std::to_string(session.sys().getpid()) + "\n";
}

// getpid: the first field of what is written of oneself
inline std::string own_pid_field(Session& session) {
  return std::to_string(session.sys().getpid()) + ":";
}

// A record is "pid:field:field...".
inline std::string field(std::string_view record, int number) {
  for (; number > 0; --number) record.remove_prefix(std::min(record.size(), record.find(':') + 1));
  return std::string(record.substr(0, record.find_first_of(":\n")));
}

// pread
inline std::string record_of(Session& session, int fd) {
  char text[128];
  const ssize_t size = session.sys().pread(fd, text, sizeof text, 0);
  return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
}

// close, after the work of an owner
inline void own_and_close(Session& session, int fd) {
  own(session);
  session.sys().close(fd);
  session.released();
}

// A PID file that is read, judged and written under a flock on the file itself, which is never
// removed: what two contenders do at the same time is no question here, what the record means is.
// `is_alive(session, record)`: has the owner that it names not ended? `identity(session)`: what is
// written of oneself.
template <bool (*is_alive)(Session&, const std::string&), std::string (*identity)(Session&)>
void run_judging(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "pid", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  sys.flock(fd, LOCK_EX);
  const std::string record = record_of(session, fd);
  if (!record.empty() && is_alive(session, record)) return lose(session, fd);
  const std::string self = identity(session);
  sys.ftruncate(fd, 0);
  sys.write(fd, self.data(), self.size());
  sys.flock(fd, LOCK_UN);
  own(session);
  sys.ftruncate(fd, 0);
  sys.close(fd);
  session.released();
}

}  // namespace lockproof::stale
