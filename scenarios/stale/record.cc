// SPDX-License-Identifier: Apache-2.0
// Whom does the record name? A PID file says who owned, until somebody finds that this one has
// ended. That is as good as the identity in it.
//
// `pid`: a number that kill(pid, 0) finds. Wrong where the number is somebody else's by now: a
// stranger's, or in a pid namespace one's own; then nobody owns, and nobody ever will.
// `start_time`: the pid and when the process started, proc(5). Right for both. Wrong after a
// reboot: pids and start times begin anew, and who is started at the same moment of the boot has
// both.
// `boot_id`: and the id of the boot, random(4). Right.
#include "steps.h"

namespace lockproof::stale {
namespace {

// kill
bool pid_is_there(Session& session, const std::string& record) {
  const std::int64_t pid = read_pid_text(record);
  return pid > 1 && !has_ended(session, pid);
}

// open, read, close of the process's stat
bool process_is_there(Session& session, const std::string& record) {
  return start_time(session, field(record, 0)) == field(record, 1);
}

// getpid, open, read, close
std::string own_start_time(Session& session) {
  return own_pid_field(session) + start_time(session, "self");
}

// open, read, close of the boot's id, and what process_is_there() does
bool process_of_this_boot_is_there(Session& session, const std::string& record) {
  return boot_id(session) == field(record, 2) && process_is_there(session, record);
}

std::string own_start_time_and_boot(Session& session) {
  const std::string self = own_start_time(session);
  return self + ":" + boot_id(session);
}

const BuiltinRegistration registrations[] = {
    {{.name = "stale/pid",
      .summary = "a PID file under a lock: the pid is there, so its owner is",
      .verbs = {{"run", run_judging<pid_is_there, own_pid_field>}},
      .record = "pid"}},
    {{.name = "stale/start_time",
      .summary = "a PID file under a lock, with the start time of the process",
      .verbs = {{"run", run_judging<process_is_there, own_start_time>}},
      .record = "pid"}},
    {{.name = "stale/boot_id",
      .summary = "a PID file under a lock, with the start time and the id of the boot",
      .verbs = {{"run", run_judging<process_of_this_boot_is_there, own_start_time_and_boot>}},
      .record = "pid"}},
};

}  // namespace
}  // namespace lockproof::stale
