// SPDX-License-Identifier: Apache-2.0
// flock(2) on a file that its owner unlinks when it gives up. Who opened it before the unlink gets
// the lock of a file without a name, and the next one makes a new file.
//
// Right: after locking, look whether the descriptor and the name are still one file, else begin
// anew (`flock_recheck`); or whether the file still has a name (`flock_link_count`), which is
// enough where nothing is ever renamed.
// Wrong: no look at all (`flock_unlink`); the look before the lock, with room for the unlink
// between the two (`flock_recheck_early`); a look that asks only whether there is a file of that
// name, and there is: the next one's (`flock_recheck_exists`). Each time: B opens, A unlinks and
// closes, C opens a new file, B and C lock. Unlinked after the lock is free (`flock_unlink_late`)
// it is the file of the owner that came in between: A closes, B locks, A unlinks.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Look { kNone, kSameFile, kSameFileBeforeLock, kNameExists, kLinkCount };
enum class Unlinks { kUnderLock, kAfterwards };

// fstat, stat
bool is_named(Session& session, int fd) {
  struct stat file {};
  struct stat named {};
  if (session.sys().fstat(fd, &file) != 0) return false;
  const std::string path = path_of(session, "lock");
  if (session.sys().fstatat(AT_FDCWD, path.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) return false;
  return file.st_dev == named.st_dev && file.st_ino == named.st_ino;
}

// After locking: may it own?
template <Look look>
bool looks_right(Session& session, int fd) {
  struct stat file {};
  switch (look) {
    case Look::kSameFile:
      return is_named(session, fd);
    case Look::kNameExists:
      return session.sys().fstatat(AT_FDCWD, path_of(session, "lock").c_str(), &file, 0) == 0;
    case Look::kLinkCount:
      return session.sys().fstat(fd, &file) == 0 && file.st_nlink > 0;
    case Look::kNone:
    case Look::kSameFileBeforeLock:
      return true;
  }
  return true;
}

template <Look look, Unlinks unlinks>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  for (int tries = 0; tries < 2; ++tries) {
    const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
    if (fd < 0) return session.failed("open");
    if (look != Look::kSameFileBeforeLock || is_named(session, fd)) {
      if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
      if (looks_right<look>(session, fd)) {
        own(session);
        if (unlinks == Unlinks::kUnderLock) remove_name(session, "lock");
        sys.close(fd);
        if (unlinks == Unlinks::kAfterwards) remove_name(session, "lock");
        return session.released();
      }
    }
    sys.close(fd);
  }
  session.busy();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/flock_unlink",
      .summary = "the owner unlinks the locked file, and nobody looks",
      .verbs = {{"run", run<Look::kNone, Unlinks::kUnderLock>}},
      .lock = "lock"}},
    {{.name = "classic/flock_unlink_late",
      .summary = "the owner closes the locked file and then unlinks it",
      .verbs = {{"run", run<Look::kSameFile, Unlinks::kAfterwards>}},
      .lock = "lock"}},
    {{.name = "classic/flock_recheck",
      .summary = "after locking, is the file still the one with the name?",
      .verbs = {{"run", run<Look::kSameFile, Unlinks::kUnderLock>}},
      .lock = "lock"}},
    {{.name = "classic/flock_link_count",
      .summary = "after locking, does the file still have a name?",
      .verbs = {{"run", run<Look::kLinkCount, Unlinks::kUnderLock>}},
      .lock = "lock"}},
    {{.name = "classic/flock_recheck_early",
      .summary = "before locking, is the file still the one with the name?",
      .verbs = {{"run", run<Look::kSameFileBeforeLock, Unlinks::kUnderLock>}},
      .lock = "lock"}},
    {{.name = "classic/flock_recheck_exists",
      .summary = "after locking, is there a file of that name?",
      .verbs = {{"run", run<Look::kNameExists, Unlinks::kUnderLock>}},
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
