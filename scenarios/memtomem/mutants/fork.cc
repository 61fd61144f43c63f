// SPDX-License-Identifier: Apache-2.0
// An owner that forks a worker, which has all that its parent has.
//
// `child_keeps_lock`: the lock lives as long as the child has the descriptor, and the child lives
// longer than its parent (ME8). `child_cleans_up`: the child runs its parent's clean-up when it
// exits (M-R11).
#include "../steps.h"

namespace lockproof::memtomem {
namespace {

// The lock alone decides, and nothing is removed.
void run_with_worker(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  write_pid(session, fd);
  if (sys.fork() == 0) {
    sys.poll(nullptr, 0, -1);  // works for whoever asks, its parent or not
    sys.exit(0);
  }
  own_and_close(session, fd);
}

void run_with_job(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  write_pid(session, fd);
  if (sys.fork() == 0) {
    sys.close(fd);
    remove_name(session, "server.pid");
    sys.exit(0);
  }
  own_and_close(session, fd);
}

const BuiltinRegistration registrations[] = {
    {{.name = "memtomem/child_keeps_lock",
      .summary = "a forked worker keeps the lock of an owner that died",
      .verbs = {{"run", run_with_worker}, {"status", status}},
      .record = "server.pid",
      .lock = "server.pid"}},
    {{.name = "memtomem/child_cleans_up",
      .summary = "a forked job removes its parent's file at exit",
      .verbs = {{"run", run_with_job}, {"status", status}},
      .record = "server.pid",
      .lock = "server.pid"}},
};

}  // namespace
}  // namespace lockproof::memtomem
