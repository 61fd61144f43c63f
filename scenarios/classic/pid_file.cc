// SPDX-License-Identifier: Apache-2.0
// A PID file that is read, judged and written: who finds the pid of no living process writes its
// own.
//
// `pid_check_write`: A and B find no file, A writes, B writes.
// `pid_start_time` writes the start time of the process beside its pid (proc(5), field 22), so that
// a pid that was given again is not taken for the owner. That is a better identity, and no lock:
// the same two writes. `pid_start_time_locked` reads, judges and writes under a flock on the file
// itself, which is never removed: right. It waits for the lock; whoever has it needs few calls.
#include <algorithm>

#include "steps.h"

namespace lockproof::classic {
namespace {

void run_check_write(Session& session) {
  session.claims();
  const std::int64_t pid = recorded_pid(session, "pid");
  if (pid > 0 && !has_ended(session, pid)) return session.busy();
  const int fd = open_file(session, "pid", O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return session.failed("open");
  write_own_pid(session, fd);
  session.sys().close(fd);
  own(session);
  remove_name(session, "pid");
  session.released();
}

// open, read, close -> "", when there is no such process any more
std::string start_time(Session& session, std::string_view process) {
  const std::string path = "/proc/" + std::string(process) + "/stat";
  const int fd = session.sys().openat(AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return "";
  char line[1024];
  const ssize_t size = session.sys().read(fd, line, sizeof line);
  session.sys().close(fd);
  std::string_view rest(line, size > 0 ? static_cast<std::size_t>(size) : 0);
  // Field 2 may hold anything, field 3 is behind its last bracket.
  rest.remove_prefix(std::min(rest.size(), rest.rfind(')') + 1));
  for (int field = 2; field < 22; ++field) {
    rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
  }
  return std::string(rest.substr(0, rest.find(' ')));
}

// pread; if there is a record: open, read, close
bool names_a_living_process(Session& session, int fd) {
  char text[64];
  const ssize_t size = session.sys().pread(fd, text, sizeof text, 0);
  const std::string_view record(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  const std::size_t colon = record.find(':');
  if (colon == record.npos) return false;
  return start_time(session, record.substr(0, colon)) == record.substr(colon + 1);
}

enum class Locked { kNo, kYes };

template <Locked locked>
void run_start_time(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "pid", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (locked == Locked::kYes) sys.flock(fd, LOCK_EX);
  if (names_a_living_process(session, fd)) return lose(session, fd);
  const std::string record = std::to_string(sys.getpid()) + ":" + start_time(session, "self");
  sys.ftruncate(fd, 0);
  sys.write(fd, record.data(), record.size());
  if (locked == Locked::kYes) sys.flock(fd, LOCK_UN);
  own(session);
  sys.ftruncate(fd, 0);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/pid_check_write",
      .summary = "a PID file that is checked, and then written",
      .verbs = {{"run", run_check_write}},
      .record = "pid"}},
    {{.name = "classic/pid_start_time",
      .summary = "a PID file with the start time, checked, and then written",
      .verbs = {{"run", run_start_time<Locked::kNo>}},
      .record = "pid"}},
    {{.name = "classic/pid_start_time_locked",
      .summary = "a PID file with the start time, checked and written under a lock",
      .verbs = {{"run", run_start_time<Locked::kYes>}},
      .record = "pid"}},
};

}  // namespace
}  // namespace lockproof::classic
