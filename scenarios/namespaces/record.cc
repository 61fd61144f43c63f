// SPDX-License-Identifier: Apache-2.0
// A record on a volume that containers share: whom does its pid name to a process of another pid
// namespace (pid_namespaces(7))? Nobody, or somebody else, itself perhaps.
//
// `former_life`: the record has one's own pid, so it is of a former life of one's own, before the
// container was started again. Right in one container; in two, both are the same small pid.
// `namespace_id`: the namespace is in the record, beside the pid and the start time; whose record
// is of another one is taken to live, for nothing says that it does not. Two never own; but who is
// killed is missed by nobody outside its namespace.
#include <sys/stat.h>

#include "../stale/steps.h"

namespace lockproof::namespaces {
namespace {

using namespace stale;

// getpid; kill, if the pid is another one
bool another_is_there(Session& session, const std::string& record) {
  const std::int64_t pid = read_pid_text(record);
  return pid > 1 && pid != session.sys().getpid() && !has_ended(session, pid);
}

// stat -> one number for each pid namespace
std::string own_namespace(Session& session) {
  struct stat space {};
  session.sys().fstatat(AT_FDCWD, "/proc/self/ns/pid", &space, 0);
  return std::to_string(space.st_ino);
}

// stat; open, read, close of the process's stat, if it is one of this namespace
bool may_be_there(Session& session, const std::string& record) {
  if (field(record, 2) != own_namespace(session)) return true;
  return start_time(session, field(record, 0)) == field(record, 1);
}

// getpid, open, read, close, stat
std::string own_start_time_and_namespace(Session& session) {
  const std::string self = own_pid_field(session) + start_time(session, "self");
  return self + ":" + own_namespace(session);
}

const BuiltinRegistration registrations[] = {
    {{.name = "namespaces/former_life",
      .summary = "a PID file under a lock: one's own pid in it is one's own former life",
      .verbs = {{"run", run_judging<another_is_there, own_pid_field>}},
      .record = "pid"}},
    {{.name = "namespaces/namespace_id",
      .summary = "a PID file under a lock, with the start time and the pid namespace",
      .verbs = {{"run", run_judging<may_be_there, own_start_time_and_namespace>}},
      .record = "pid"}},
};

}  // namespace
}  // namespace lockproof::namespaces
