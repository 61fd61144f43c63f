// SPDX-License-Identifier: Apache-2.0
// `stop_believes_old_pid`: the lock is held, so the pid in the file is its holder's; but between
// the lock and the write that is still the predecessor's, or the number of a stranger (ME4).
#include <csignal>

#include "../steps.h"

namespace lockproof::memtomem {
namespace {

void run(Session& session) {
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  write_pid(session, fd);
  own_and_close(session, fd);
}

// open, flock, pread, close; kill if the lock is held
void stop(Session& session) {
  auto& sys = session.sys();
  const int fd = open_file(session, "server.pid", O_RDONLY);
  if (fd < 0) return;
  const bool held = sys.flock(fd, LOCK_SH | LOCK_NB) == -EWOULDBLOCK;
  const std::int64_t pid = read_pid(session, fd);
  sys.close(fd);
  if (held && pid > 1) sys.kill(static_cast<pid_t>(pid), SIGTERM);
}

const BuiltinRegistration registration{{
    .name = "memtomem/stop_believes_old_pid",
    .summary = "stop signals the pid that stands there while the lock is held",
    .verbs = {{"run", run}, {"stop", stop}},
    .record = "server.pid",
    .lock = "server.pid",
}};

}  // namespace
}  // namespace lockproof::memtomem
