// SPDX-License-Identifier: Apache-2.0
// `parent_records_late`: the child records itself when it has the lock; its parent, which knows no
// more than that it forked, records the child too. By then that may have come and gone (TH8).
#include "../steps.h"

namespace lockproof::toolhive {
namespace {

void run(Session& session) {
  auto& sys = session.sys();
  const pid_t child = sys.fork();
  if (child > 0) return record_pid(session, child);
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  record_pid(session, sys.getpid());
  own(session);
  record_pid(session, 0);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registration{{
    .name = "toolhive/parent_records_late",
    .summary = "a parent records its child after that has recorded itself",
    .verbs = {{"run", run}},
    .record = "status",
}};

}  // namespace
}  // namespace lockproof::toolhive
