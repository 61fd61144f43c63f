// SPDX-License-Identifier: Apache-2.0
// Who only wants to know writes: `reader_repairs` brings a record of an older version into today's
// form (TH7). It writes what it has read: a slow reader brings back a record that was replaced
// meanwhile (T-R11).
#include "../steps.h"

namespace lockproof::toolhive {
namespace {

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  record_pid(session, sys.getpid());
  own(session);
  record_pid(session, 0);
  sys.close(fd);
  session.released();
}

// open, pread, close; open, write, close
void status(Session& session) {
  session.probes();
  const std::int64_t pid = recorded_pid(session, "status");
  const int fd = pid > 1 ? open_file(session, "status", O_WRONLY | O_CREAT | O_TRUNC) : -1;
  if (fd >= 0) {
    write_number(session, fd, static_cast<pid_t>(pid));
    session.sys().close(fd);
  }
  session.probed();
}

const BuiltinRegistration registration{{
    .name = "toolhive/reader_repairs",
    .summary = "a reader writes the record that it has read",
    .verbs = {{"run", run}, {"status", status}},
    .record = "status",
}};

}  // namespace
}  // namespace lockproof::toolhive
