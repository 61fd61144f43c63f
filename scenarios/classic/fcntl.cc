// SPDX-License-Identifier: Apache-2.0
// Record locks of fcntl(2): F_SETLK belongs to the process, F_OFD_SETLK to the open file.
//
// Right: either of them on a file that is never removed (`fcntl`, `ofd`).
// `..._second_close` reads who owned before, with a second descriptor, and closes it. For F_SETLK
// that ends the process's lock (wrong: A locks, reads, closes; so does B); for F_OFD_SETLK it is
// another open file (right).
// `fcntl_getlk` asks who holds the lock, and takes it for its own when nobody did: A and B ask, A
// and B try, and B does not see that it failed.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Reads { kNothing, kFormerOwner };

// fcntl, on the whole file
int lock_file(Session& session, int fd, int command, struct flock& lock) {
  lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return session.sys().fcntl_lock(fd, command, &lock);
}

template <int command, Reads reads>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  struct flock lock {};
  if (lock_file(session, fd, command, lock) != 0) return lose(session, fd);
  if (reads == Reads::kFormerOwner) recorded_pid(session, "lock");
  own(session);
  sys.close(fd);
  session.released();
}

void run_getlk(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  struct flock lock {};
  lock_file(session, fd, F_GETLK, lock);
  if (lock.l_type != F_UNLCK) return lose(session, fd);
  lock_file(session, fd, F_SETLK, lock);
  own(session);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/fcntl",
      .summary = "F_SETLK on a file that is never removed",
      .verbs = {{"run", run<F_SETLK, Reads::kNothing>}},
      .lock = "lock"}},
    {{.name = "classic/fcntl_second_close",
      .summary = "F_SETLK, and a second descriptor of the file is closed",
      .verbs = {{"run", run<F_SETLK, Reads::kFormerOwner>}},
      .lock = "lock"}},
    {{.name = "classic/fcntl_getlk",
      .summary = "F_GETLK says that nobody holds the lock, and F_SETLK is not asked",
      .verbs = {{"run", run_getlk}},
      .lock = "lock"}},
    {{.name = "classic/ofd",
      .summary = "F_OFD_SETLK on a file that is never removed",
      .verbs = {{"run", run<F_OFD_SETLK, Reads::kNothing>}},
      .lock = "lock"}},
    {{.name = "classic/ofd_second_close",
      .summary = "F_OFD_SETLK, and a second descriptor of the file is closed",
      .verbs = {{"run", run<F_OFD_SETLK, Reads::kFormerOwner>}},
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
