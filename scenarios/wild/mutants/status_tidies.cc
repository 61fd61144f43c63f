// SPDX-License-Identifier: Apache-2.0
// `status_tidies`: a query that finds a dead owner's pid removes the file, which others lock: one
// has it already, and not yet written its own pid (wild 6).
#include "../steps.h"

namespace lockproof::wild {
namespace {

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  sys.ftruncate(fd, 0);
  write_own_pid(session, fd);
  own_and_close(session, fd);
}

// open, pread, close, kill; unlink if it has ended
void tidy(Session& session) {
  session.probes();
  if (has_ended(session, recorded_pid(session, "lock"))) remove_name(session, "lock");
  session.probed();
}

const BuiltinRegistration registration{{
    .name = "wild/status_tidies",
    .summary = "a query removes a file that somebody has locked",
    .verbs = {{"run", run}, {"status", tidy}},
    .record = "lock",
}};

}  // namespace
}  // namespace lockproof::wild
