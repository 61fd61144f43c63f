// SPDX-License-Identifier: Apache-2.0
// A file that names its owner, changed under flock(2): read with a shared lock, and when it is
// empty, written with an exclusive one. No kernel lock is held while a process owns.
//
// A conversion is not atomic: flock gives up the shared lock first, and another one may convert in
// between. `flock_upgrade` trusts what it read before: A and B read "", B converts and writes, A
// converts and writes. `flock_upgrade_reread` reads again. Neither finds out that an owner died.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Trusts { kWhatItRead, kNothing };

template <Trusts trusts>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "owner", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_SH) != 0) return lose(session, fd);
  if (read_pid(session, fd) != seen::kEmpty) return lose(session, fd);
  if (sys.flock(fd, LOCK_EX) != 0) return lose(session, fd);
  if (trusts == Trusts::kNothing && read_pid(session, fd) != seen::kEmpty) {
    return lose(session, fd);
  }
  write_own_pid(session, fd);
  sys.flock(fd, LOCK_UN);
  own(session);
  sys.ftruncate(fd, 0);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/flock_upgrade",
      .summary = "a shared lock becomes exclusive, and what was read before is trusted",
      .verbs = {{"run", run<Trusts::kWhatItRead>}},
      .record = "owner"}},
    {{.name = "classic/flock_upgrade_reread",
      .summary = "a shared lock becomes exclusive, and what was read before is read again",
      .verbs = {{"run", run<Trusts::kNothing>}},
      .record = "owner"}},
};

}  // namespace
}  // namespace lockproof::classic
