// SPDX-License-Identifier: Apache-2.0
// memtomem 476 after its fix, and what the fix leaves open: the owner unlinks the PID file when it
// gives up, and nobody looks whether the file that was locked is still the one that has the name.
// Who opened it before the unlink locks a file that nobody else can find; the next starter creates
// a new one and locks that.
#include <sys/file.h>

#include <string>

#include "subject/builtin.h"

namespace {

using lockproof::Session;

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const std::string path = session.dir() + "/server.pid";
  const int fd = sys.openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) {
    sys.close(fd);
    return session.busy();
  }
  sys.ftruncate(fd, 0);
  const std::string pid = std::to_string(sys.getpid()) + "\n";
  sys.write(fd, pid.data(), pid.size());
  session.owns();
  session.hold();
  session.gives_up();
  sys.unlinkat(AT_FDCWD, path.c_str(), 0);
  sys.close(fd);
  session.released();
}

const lockproof::BuiltinRegistration registration{{
    .name = "memtomem/unlink_at_exit",
    .summary = "the owner unlinks the file that the next one has opened already",
    .verbs = {{"run", run}},
    .record = "server.pid",
    .lock = "server.pid",
}};

}  // namespace
