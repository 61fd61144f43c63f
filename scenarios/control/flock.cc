// SPDX-License-Identifier: Apache-2.0
// The smallest lock that is right: flock on a file that is never removed. It keeps no record.
#include <sys/file.h>

#include <string>

#include "subject/builtin.h"

namespace {

using lockproof::Session;

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const std::string path = session.dir() + "/lock";
  const int fd = sys.openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) {
    sys.close(fd);
    return session.busy();
  }
  session.owns();
  session.hold();
  session.gives_up();
  sys.close(fd);
  session.released();
}

const lockproof::BuiltinRegistration registration{{
    .name = "control/flock",
    .summary = "flock on a file that is never removed",
    .verbs = {{"run", run}},
    .lock = "lock",
}};

}  // namespace
