// SPDX-License-Identifier: Apache-2.0
// flock(2), and somebody else who removes old files: a cleaner of /tmp, a "clean" command.
//
// Right: whoever locks the file, the cleaner too, looks afterwards whether it still has its name
// (`cleaner`). Wrong: a cleaner that removes blindly (`cleaner_blind`): A owns, the file goes, B
// makes a new one. A cleaner that locks while those who run do not look (`cleaner_unseen`): A
// opens, the file goes, A locks it, B makes a new one. And the other way round, which takes two
// cleaners
// (`cleaner_careless`): C and D open; D locks and removes; A makes a new file and owns; C locks
// what it has opened and removes what it has not; B makes a third one.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Looks { kAfterLocking, kNever };

// open, flock, fstat -> the descriptor of the locked file, or -1
template <Looks looks>
int lock_file(Session& session, int flags) {
  auto& sys = session.sys();
  const int fd = open_file(session, "lock", O_RDWR | flags);
  if (fd < 0) return -1;
  struct stat file {};
  const bool locked = sys.flock(fd, LOCK_EX | LOCK_NB) == 0;
  if (locked && looks == Looks::kNever) return fd;
  if (locked && sys.fstat(fd, &file) == 0 && file.st_nlink > 0) return fd;
  sys.close(fd);
  return -1;
}

template <Looks looks>
void run(Session& session) {
  session.claims();
  const int fd = lock_file<looks>(session, O_CREAT);
  if (fd < 0) return session.busy();
  own(session);
  session.sys().close(fd);
  session.released();
}

template <Looks looks>
void clean(Session& session) {
  const int fd = lock_file<looks>(session, 0);
  if (fd < 0) return;
  remove_name(session, "lock");
  session.sys().close(fd);
}

void clean_blindly(Session& session) { remove_name(session, "lock"); }

constexpr Looks kAfter = Looks::kAfterLocking;

const BuiltinRegistration registrations[] = {
    {{.name = "classic/cleaner",
      .summary = "a cleaner removes the file under the lock, and everybody looks",
      .verbs = {{"run", run<kAfter>}, {"clean", clean<kAfter>}},
      .lock = "lock"}},
    {{.name = "classic/cleaner_blind",
      .summary = "a cleaner removes the file, whoever has locked it",
      .verbs = {{"run", run<kAfter>}, {"clean", clean_blindly}},
      .lock = "lock"}},
    {{.name = "classic/cleaner_unseen",
      .summary = "a cleaner removes the file under the lock, and who runs does not look",
      .verbs = {{"run", run<Looks::kNever>}, {"clean", clean<kAfter>}},
      .lock = "lock"}},
    {{.name = "classic/cleaner_careless",
      .summary = "a cleaner removes the file under the lock, and does not look itself",
      .verbs = {{"run", run<kAfter>}, {"clean", clean<Looks::kNever>}},
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
