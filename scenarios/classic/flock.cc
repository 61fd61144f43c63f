// SPDX-License-Identifier: Apache-2.0
// flock(2) on a file that is never removed, and that names its owner.
//
// Right when the file is emptied under the lock. `flock_truncate_first` empties it before it tries
// the lock, as open with O_TRUNC does: A owns, B empties the file, and loses.
// `flock_inherited` opens without O_CLOEXEC: a child that the owner executes has the lock as long
// as it lives. A owns, a child is executed, A is killed: everybody loses, and nobody owns.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Empties { kUnderLock, kBeforeLock };

template <Empties when>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (when == Empties::kBeforeLock) sys.ftruncate(fd, 0);
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  if (when == Empties::kUnderLock) sys.ftruncate(fd, 0);
  write_own_pid(session, fd);
  own(session);
  sys.close(fd);
  session.released();
}

void run_inherited(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = sys.openat(AT_FDCWD, path_of(session, "lock").c_str(), O_RDWR | O_CREAT, 0600);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  own(session);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/flock",
      .summary = "flock on a file that is never removed and names its owner",
      .verbs = {{"run", run<Empties::kUnderLock>}},
      .record = "lock",
      .lock = "lock"}},
    {{.name = "classic/flock_truncate_first",
      .summary = "the file is emptied before the lock on it is tried",
      .verbs = {{"run", run<Empties::kBeforeLock>}},
      .record = "lock",
      .lock = "lock"}},
    {{.name = "classic/flock_inherited",
      .summary = "flock on a descriptor that programs inherit",
      .verbs = {{"run", run_inherited}},
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
