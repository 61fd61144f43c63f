// SPDX-License-Identifier: Apache-2.0
// `compares_pid_only`: who exits resets the record if it has its own pid, under the lock. In
// another container on the same volume the next process has the same small pid (TH3).
#include "../steps.h"

namespace lockproof::toolhive {
namespace {

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  record_self(session);
  own(session);
  sys.close(fd);
  reset_under_lock(session);
  session.released();
}

const BuiltinRegistration registration{{
    .name = "toolhive/compares_pid_only",
    .summary = "who exits resets a record of its own pid, which is another one's too",
    .verbs = {{"run", run}},
    .record = "status",
}};

}  // namespace
}  // namespace lockproof::toolhive
