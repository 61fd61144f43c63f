// SPDX-License-Identifier: Apache-2.0
// What a loser does: it stays alive, because an editor waits for it, and must keep its hands off.
//
// `losers_go_on`: it serves as if it had the lock; when the owner has gone, nobody sees that it
// still writes (ME5). `probe_takes_lock`: a status query tries the lock to see whether it is free,
// and a starter loses to that; since losers go on, it serves without a lock for life (ME3).
// `loser_cleans_up`: the clean-up is registered before the lock is tried, so that a loser removes
// the owner's file (M-R2, M-R3).
#include "../steps.h"

namespace lockproof::memtomem {
namespace {

void run_on(Session& session) {
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (try_flock(session, fd)) write_pid(session, fd);
  own_and_close(session, fd);
}

// open, flock, close
void status_by_lock(Session& session) {
  session.probes();
  const int fd = open_file(session, "server.pid", O_RDWR);
  if (fd >= 0) {
    try_flock(session, fd);
    session.sys().close(fd);
  }
  session.probed();
}

void run_and_clean_up(Session& session) {
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  const bool locked = try_flock(session, fd);
  if (locked) {
    write_pid(session, fd);
    own(session);
  }
  remove_name(session, "server.pid");
  session.sys().close(fd);
  if (locked) return session.released();
  session.busy();
}

const BuiltinRegistration registrations[] = {
    {{.name = "memtomem/losers_go_on",
      .summary = "who does not get the lock serves all the same",
      .verbs = {{"run", run_on}, {"status", status}},
      .record = "server.pid",
      .lock = "server.pid"}},
    {{.name = "memtomem/probe_takes_lock",
      .summary = "a query takes the lock for a moment, and a starter goes on without",
      .verbs = {{"run", run_on}, {"status", status_by_lock}},
      .record = "server.pid",
      .lock = "server.pid"}},
    {{.name = "memtomem/loser_cleans_up",
      .summary = "who does not get the lock removes the owner's file at exit",
      .verbs = {{"run", run_and_clean_up}, {"status", status}},
      .record = "server.pid",
      .lock = "server.pid"}},
};

}  // namespace
}  // namespace lockproof::memtomem
