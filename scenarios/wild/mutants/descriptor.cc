// SPDX-License-Identifier: Apache-2.0
// A lock is lost, or kept, by what happens to descriptors.
//
// `child_unlocks`: a forked child gives up the lock that it has from its parent (wild 7).
// `without_close_on_exec`: a program that the owner starts has the lock when the owner is dead
// (wild 8). `reads_its_own_lock_file`: a record lock of fcntl ends with any close of the file by
// its process (wild 9). `closes_twice`: the number of a descriptor is given again, and the second
// close of the first lock ends the second one (FL5).
#include "../steps.h"

namespace lockproof::wild {
namespace {

void run_with_child(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  if (sys.fork() == 0) {
    sys.flock(fd, LOCK_UN);
    sys.exit(0);
  }
  own_and_close(session, fd);
}

void run_leaking(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = sys.openat(AT_FDCWD, path_of(session, "lock").c_str(), O_RDWR | O_CREAT, 0600);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  own_and_close(session, fd);
}

// fcntl: the whole file
bool lock_record(Session& session, int fd) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  return session.sys().fcntl_lock(fd, F_SETLK, &whole) == 0;
}

void run_reading(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (!lock_record(session, fd)) return lose(session, fd);
  sys.ftruncate(fd, 0);
  write_own_pid(session, fd);
  if (recorded_pid(session, "lock") != sys.getpid()) return lose(session, fd);
  own_and_close(session, fd);
}

// The first lock is for a look, and is let go; the second one for the work. Whoever had the first
// one closes it once more when it is done.
void run_closing_twice(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int look = try_lock(session);
  if (look < 0) return session.busy();
  sys.close(look);
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  sys.close(look);
  own(session);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/child_unlocks",
      .summary = "a forked child unlocks what is its parent's",
      .verbs = {{"run", run_with_child}},
      .lock = "lock"}},
    {{.name = "wild/without_close_on_exec",
      .summary = "a program that the owner starts keeps the lock",
      .verbs = {{"run", run_leaking}},
      .lock = "lock"}},
    {{.name = "wild/reads_its_own_lock_file",
      .summary = "the owner reads the file and closes it, and the lock is gone",
      .verbs = {{"run", run_reading}}}},
    {{.name = "wild/closes_twice",
      .summary = "a second close hits the descriptor of another lock",
      .verbs = {{"run", run_closing_twice}}}},
};

}  // namespace
}  // namespace lockproof::wild
