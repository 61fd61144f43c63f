// SPDX-License-Identifier: Apache-2.0
// A PID file made with O_EXCL: who makes it owns. What lies there already is judged by its content,
// and unlinked if nobody seems to live behind it.
//
// `empty_is_stale`: A has made the file and not yet written; B reads nothing, unlinks, makes its
// own; A writes into a file without a name (GE1). `two_thieves`: A and B read the pid of a dead
// one; B unlinks and claims; A unlinks B's file (GE2). `unknown_is_stale`: A could not find out its
// own start time and records that; B takes it for one that cannot be alive (GE3, G-R6).
// `pid_is_enough`: the start time is not looked at, and a stranger with the pid keeps everybody out
// (GE15).
#include "../steps.h"

namespace lockproof::genie {
namespace {

// kill, unless the record names nobody
bool empty_or_ended(Session& session, const std::string& record) {
  const std::int64_t pid = read_pid_text(record);
  return pid <= 1 || has_ended(session, pid);
}

// kill, if the record names somebody
bool ended(Session& session, const std::string& record) {
  return has_ended(session, read_pid_text(record));
}

constexpr std::string_view kUnknown = "unknown";

// open, read, close of one's own stat, getpid
std::string own_start_time(Session& session) {
  const std::string start = start_time(session, "self");
  const std::string pid = std::to_string(session.sys().getpid());
  return pid + ":" + (start.empty() ? std::string(kUnknown) : start);
}

// kill, if the record has a start time
bool unknown_or_ended(Session& session, const std::string& record) {
  return field(record, 1) == kUnknown || has_ended(session, read_pid_text(record));
}

const BuiltinRegistration registrations[] = {
    {{.name = "genie/empty_is_stale",
      .summary = "a PID file that is being written is taken for a stale one",
      .verbs = {{"run", run_claiming<empty_or_ended, own_pid>}, {"status", status}},
      .record = "serve.pid"}},
    {{.name = "genie/two_thieves",
      .summary = "a stale PID file is unlinked by two, the second time it is a claim",
      .verbs = {{"run", run_claiming<ended, own_pid>}, {"status", status}},
      .record = "serve.pid"}},
    {{.name = "genie/unknown_is_stale",
      .summary = "an owner that does not know its start time is taken for a dead one",
      .verbs = {{"run", run_claiming<unknown_or_ended, own_start_time>}, {"status", status}},
      .record = "serve.pid"}},
    {{.name = "genie/pid_is_enough",
      .summary = "whoever has the recorded pid is taken for the owner",
      .verbs = {{"run", run_claiming<ended, own_pid>}, {"status", status}},
      .record = "serve.pid"}},
};

}  // namespace
}  // namespace lockproof::genie
