// SPDX-License-Identifier: Apache-2.0
// `zero_is_alive`: a record without a pid has 0 there, and kill(0, 0) finds one's own group: the
// workload looks alive for ever (T-R8, T-R9). Here kill refuses pids below 2, which tells this
// subject the same: that it is not ESRCH.
#include "../steps.h"

namespace lockproof::toolhive {
namespace {

// kill
bool pid_is_there(Session& session, const std::string& record) {
  const std::int64_t pid = std::max<std::int64_t>(read_pid_text(record), 0);
  return session.sys().kill(static_cast<pid_t>(pid), 0) != -ESRCH;
}

// getpid
std::string own_pid(Session& session) { return std::to_string(session.sys().getpid()); }

const BuiltinRegistration registration{{
    .name = "toolhive/zero_is_alive",
    .summary = "a record without a pid names somebody who lives",
    .verbs = {{"run", run_judging<pid_is_there, own_pid>}},
    .record = "pid",
}};

}  // namespace
}  // namespace lockproof::toolhive
