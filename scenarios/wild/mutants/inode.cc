// SPDX-License-Identifier: Apache-2.0
// A lock belongs to a file, and contenders meet at a name.
//
// `record_renamed_over_lock`: the file that is locked is the record too, and is replaced by rename
// when it is written; the next one opens another file (wild 2). `waiters_split`: the owner unlinks
// the file at the end; who waited for its lock gets it, and the next one makes a new file (wild 2).
// `link_count_says_named`: the file is not unlinked but renamed aside, and whoever has locked it
// only looks whether it has a name at all (wild 2).
#include "../steps.h"

namespace lockproof::wild {
namespace {

void run_renaming(Session& session) {
  session.claims();
  const int fd = try_lock(session, "record");
  if (fd < 0) return session.busy();
  write_record(session, own_pid(session));
  own_and_close(session, fd);
}

void run_waiting(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX) != 0) return session.failed("flock");
  own(session);
  remove_name(session, "lock");
  sys.close(fd);
  session.released();
}

void run_counting(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) return session.busy();
  struct stat file {};
  if (sys.fstat(fd, &file) != 0 || file.st_nlink == 0) return lose(session, fd);
  own(session);
  rename_name(session, "lock", "lock.last");
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/record_renamed_over_lock",
      .summary = "the locked file is replaced by a new record",
      .verbs = {{"run", run_renaming}},
      .record = "record"}},
    {{.name = "wild/waiters_split",
      .summary = "the owner removes the file that others wait for",
      .verbs = {{"run", run_waiting}}}},
    {{.name = "wild/link_count_says_named",
      .summary = "the locked file has a name, but another one",
      .verbs = {{"run", run_counting}}}},
};

}  // namespace
}  // namespace lockproof::wild
