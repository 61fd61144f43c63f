// SPDX-License-Identifier: Apache-2.0
// `reset_creates`: who exits removes its record, and then resets it, which makes a new one. It says
// that one is about to start, for ever (T-R4).
#include "../steps.h"

namespace lockproof::toolhive {
namespace {

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "status", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return session.busy();
  write_own_pid(session, fd);
  sys.close(fd);
  own(session);
  remove_name(session, "status");
  record_pid(session, 0);
  session.released();
}

const BuiltinRegistration registration{{
    .name = "toolhive/reset_creates",
    .summary = "a reset makes the record that was removed",
    .verbs = {{"run", run}},
    .record = "status",
}};

}  // namespace
}  // namespace lockproof::toolhive
