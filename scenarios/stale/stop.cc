// SPDX-License-Identifier: Apache-2.0
// kill $(cat pid): ends the owner that the record names.
//
// `stop_pid` signals the number that stands there. Wrong where it is a stranger's by now.
// `stop_start_time` looks first whether the process started when the record says. Right for a
// record that is old; wrong when the owner ends between the look and the signal, and a stranger
// gets its pid. `stop_pidfd` holds the process by a pidfd before it looks, and signals that one:
// right.
#include <csignal>

#include "steps.h"

namespace lockproof::stale {
namespace {

// Owns whatever comes: only who stops it is judged here.
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const std::string record = std::to_string(sys.getpid()) + ":" + start_time(session, "self");
  const int fd = open_file(session, "pid", O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return session.failed("open");
  sys.write(fd, record.data(), record.size());
  sys.close(fd);
  own(session);
  remove_name(session, "pid");
  session.released();
}

void stop_pid(Session& session) {
  const std::int64_t pid = recorded_pid(session, "pid");
  if (pid > 1) session.sys().kill(static_cast<pid_t>(pid), SIGTERM);
}

void stop_start_time(Session& session) {
  const std::string record = text_of(session, path_of(session, "pid"));
  const std::int64_t pid = read_pid_text(record);
  if (pid <= 1 || start_time(session, field(record, 0)) != field(record, 1)) return;
  session.sys().kill(static_cast<pid_t>(pid), SIGTERM);
}

void stop_pidfd(Session& session) {
  const std::string record = text_of(session, path_of(session, "pid"));
  const std::int64_t pid = read_pid_text(record);
  if (pid <= 1) return;
  const int process = session.sys().pidfd_open(static_cast<pid_t>(pid));
  if (process < 0) return;
  if (start_time(session, field(record, 0)) == field(record, 1)) {
    session.sys().pidfd_send_signal(process, SIGTERM);
  }
  session.sys().close(process);
}

const BuiltinRegistration registrations[] = {
    {{.name = "stale/stop_pid",
      .summary = "stop signals the pid that the record names",
      .verbs = {{"run", run}, {"stop", stop_pid}},
      .record = "pid"}},
    {{.name = "stale/stop_start_time",
      .summary = "stop looks at the start time, and then signals the pid",
      .verbs = {{"run", run}, {"stop", stop_start_time}},
      .record = "pid"}},
    {{.name = "stale/stop_pidfd",
      .summary = "stop opens the process, looks at its start time, and signals it",
      .verbs = {{"run", run}, {"stop", stop_pidfd}},
      .record = "pid"}},
};

}  // namespace
}  // namespace lockproof::stale
