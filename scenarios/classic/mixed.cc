// SPDX-License-Identifier: Apache-2.0
// Two versions of one program that lock the same file, each in its own way.
//
// F_SETLK and F_OFD_SETLK see each other (`mixed_fcntl_ofd`, right). flock(2) sees neither
// (`mixed_flock_ofd`, wrong): A locks, B locks.
#include "steps.h"

namespace lockproof::classic {
namespace {

// Stands for a command of fcntl.
constexpr int kFlock = -1;

template <int way>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const int locked =
      way == kFlock ? sys.flock(fd, LOCK_EX | LOCK_NB) : sys.fcntl_lock(fd, way, &lock);
  if (locked != 0) return lose(session, fd);
  own(session);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/mixed_flock_ofd",
      .summary = "one version locks by flock, the other one by F_OFD_SETLK",
      .verbs = {{"run", run<kFlock>}, {"run_other", run<F_OFD_SETLK>}},
      .lock = "lock"}},
    {{.name = "classic/mixed_fcntl_ofd",
      .summary = "one version locks by F_SETLK, the other one by F_OFD_SETLK",
      .verbs = {{"run", run<F_SETLK>}, {"run_other", run<F_OFD_SETLK>}},
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
