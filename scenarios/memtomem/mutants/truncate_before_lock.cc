// SPDX-License-Identifier: Apache-2.0
// memtomem 476: the PID file is opened with O_TRUNC before the lock on it is tried, so every loser
// wipes the owner's PID.
#include <sys/file.h>

#include <string>

#include "subject/builtin.h"

namespace {

using lockproof::Session;

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const std::string path = session.dir() + "/server.pid";
  const int fd = sys.openat(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) {
    sys.close(fd);
    return session.busy();
  }
  const std::string pid = std::to_string(sys.getpid()) + "\n";
  sys.write(fd, pid.data(), pid.size());
  session.owns();
  session.hold();
  session.gives_up();
  sys.close(fd);
  session.released();
}

const lockproof::BuiltinRegistration registration{{
    .name = "memtomem/truncate_before_lock",
    .summary = "a loser's open truncates the owner's PID file",
    .verbs = {{"run", run}},
    .record = "server.pid",
    .lock = "server.pid",
}};

}  // namespace
