// SPDX-License-Identifier: Apache-2.0
// An owner by flock(2) that forks a child for the work, and ends it before it gives up.
//
// A lock of flock ends with the last descriptor of the open file, and the child has one. Wrong when
// it keeps it (`flock_child`): A forks, A is killed, and its child goes on with the lock. Right
// when the first thing that the child does is to close it (`flock_child_closes`).
#include <csignal>

#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Child { kKeepsTheLock, kClosesIt };

template <Child what>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  const pid_t child = sys.fork();
  if (child == 0) {
    if (what == Child::kClosesIt) sys.close(fd);
    sys.poll(nullptr, 0, -1);  // works until somebody ends it
    sys.exit(0);
  }
  own(session);
  if (child > 0) {
    sys.kill(child, SIGKILL);
    sys.waitpid(child, nullptr, 0);
  }
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/flock_child",
      .summary = "the owner's child keeps the descriptor of the lock",
      .verbs = {{"run", run<Child::kKeepsTheLock>}},
      .lock = "lock"}},
    {{.name = "classic/flock_child_closes",
      .summary = "the owner's child closes the descriptor of the lock",
      .verbs = {{"run", run<Child::kClosesIt>}},
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
