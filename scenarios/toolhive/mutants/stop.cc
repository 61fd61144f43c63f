// SPDX-License-Identifier: Apache-2.0
// Who ends a workload from outside, and what it does to the record.
//
// `stop_resets`: it signals, and then writes 0, whoever is named by then (TH2). `rm_unlinks_last`:
// it signals, and then removes the record; a new run has made one meanwhile (TH5).
// `stop_signals_the_number`: it signals the pid that stands there, whoever has it (TH6).
#include <csignal>

#include "../steps.h"

namespace lockproof::toolhive {
namespace {

// Owns as long as it has the lock, and resets its record before it gives that up.
void run(Session& session) {
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  record_self(session);
  own(session);
  reset_under_lock(session);
  session.sys().close(fd);
  session.released();
}

// open, pread, close, kill -> whether somebody was named
bool signal_recorded(Session& session) {
  const std::int64_t pid = recorded_pid(session, "status");
  return pid > 1 && session.sys().kill(static_cast<pid_t>(pid), SIGTERM) == 0;
}

void stop_and_reset(Session& session) {
  if (signal_recorded(session)) record_pid(session, 0);
}

void stop(Session& session) { signal_recorded(session); }

void rm(Session& session) {
  if (signal_recorded(session)) remove_name(session, "status");
}

const BuiltinRegistration registrations[] = {
    {{.name = "toolhive/stop_resets",
      .summary = "stop resets the record, whoever it names by then",
      .verbs = {{"run", run}, {"stop", stop_and_reset}, {"rm", rm}},
      .record = "status"}},
    {{.name = "toolhive/rm_unlinks_last",
      .summary = "rm removes the record that a new run has made",
      .verbs = {{"run", run}, {"stop", stop}, {"rm", rm}},
      .record = "status"}},
    {{.name = "toolhive/stop_signals_the_number",
      .summary = "stop signals whoever has the recorded pid",
      .verbs = {{"run", run}, {"stop", stop}, {"rm", rm}},
      .record = "status"}},
};

}  // namespace
}  // namespace lockproof::toolhive
