// SPDX-License-Identifier: Apache-2.0
// Does the one live whom the record names? What is read, judged and written is so under a flock:
// what breaks is the judgement, and nobody gets in any more.
//
// `pid_one_is_alive`: in a container the owner is pid 1, and there always is one (wild 11, 13: no
// permission to signal is no death). `pid_wraps_around`: a number beyond all pids is cut to 32 bits
// (FL3). `own_pid_is_another`: in a container one has the pid that one had before (wild 22).
// `zombie_is_alive`: the owner is dead, and its parent does not ask (wild 14).
// `start_time_without_boot`: after a reboot somebody has the pid and the start time (FL6).
#include "../steps.h"

namespace lockproof::wild {
namespace {

// kill
bool is_there(Session& session, std::int64_t pid) {
  return session.sys().kill(static_cast<pid_t>(pid), 0) != -ESRCH;
}

bool pid_is_there(Session& session, const std::string& record) {
  return is_there(session, read_pid_text(record));
}

// The number as it stands there, in 32 bits.
bool wrapped_pid_is_there(Session& session, const std::string& record) {
  std::int64_t number = 0;
  for (const char digit : record) {
    if (digit >= '0' && digit <= '9') number = number * 10 + (digit - '0');
  }
  return is_there(session, static_cast<pid_t>(number));
}

bool process_is_there(Session& session, const std::string& record) {
  return start_time(session, field(record, 0)) == field(record, 1);
}

std::string own_start_time(Session& session) {
  const std::string pid = std::to_string(session.sys().getpid()) + ":";
  return pid + start_time(session, "self");
}

// The one who works is a child, and its parent has other things to do than to wait for it. It
// leaves its pid behind: once it has ended, that names nobody.
void run_under_parent(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "pid", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  sys.flock(fd, LOCK_EX);
  const std::int64_t pid = read_pid(session, fd);
  if (pid > 1 && is_there(session, pid)) return lose(session, fd);
  if (sys.fork() == 0) {
    sys.ftruncate(fd, 0);
    write_own_pid(session, fd);
    sys.exit(0);
  }
  sys.close(fd);
  own(session);
  session.released();
  sys.poll(nullptr, 0, -1);
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/pid_one_is_alive",
      .summary = "the recorded pid 1 is another container's owner, and lives for ever",
      .verbs = {{"run", run_judging<pid_is_there, own_pid>}},
      .record = "pid"}},
    {{.name = "wild/pid_wraps_around",
      .summary = "a number that is no pid is cut to one",
      .verbs = {{"run", run_judging<wrapped_pid_is_there, own_pid>}},
      .record = "pid"}},
    {{.name = "wild/own_pid_is_another",
      .summary = "the recorded pid is one's own, and so somebody lives",
      .verbs = {{"run", run_judging<pid_is_there, own_pid>}},
      .record = "pid"}},
    {{.name = "wild/zombie_is_alive",
      .summary = "a dead owner that nobody waits for looks alive",
      .verbs = {{"run", run_under_parent}},
      .record = "pid"}},
    {{.name = "wild/start_time_without_boot",
      .summary = "another process of a later boot has the pid and the start time",
      .verbs = {{"run", run_judging<process_is_there, own_start_time>}},
      .record = "pid"}},
};

}  // namespace
}  // namespace lockproof::wild
