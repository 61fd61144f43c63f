// SPDX-License-Identifier: Apache-2.0
// A file made with O_EXCL is taken from a dead owner.
//
// `quarantine_and_restore`: the file is renamed away, looked at there, and put back if its owner
// lives after all; meanwhile the name was free, and a third one has made its own (wild 1).
// `guard_without_second_look`: only one at a time removes, under a lock that is never removed; what
// it judged before it had that may be gone, and another file be there (wild 3). `half_a_pid`: the
// pid is written in two parts, and the first one names nobody who lives (wild 4, 5).
#include "../steps.h"

namespace lockproof::wild {
namespace {

// rename, open, pread, close, kill; then unlink, or rename back
bool quarantine(Session& session) {
  const std::string taken = "lock." + std::to_string(session.sys().getpid());
  if (rename_name(session, "lock", taken) != 0) return false;
  const bool stale = has_ended(session, recorded_pid(session, taken));
  if (stale) {
    remove_name(session, taken);
  } else {
    rename_name(session, taken, "lock");
  }
  return stale;
}

// open, flock, unlink, close
bool remove_guarded(Session& session) {
  const int guard = open_file(session, "guard", O_RDWR | O_CREAT);
  if (guard < 0) return false;
  session.sys().flock(guard, LOCK_EX);
  remove_name(session, "lock");
  session.sys().close(guard);
  return true;
}

bool remove_at_once(Session& session) { return remove_name(session, "lock") == 0; }

// open; if the file is new: getpid, write, write, close
bool make_in_two_parts(Session& session) {
  const int fd = open_file(session, "lock", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  const std::string pid = own_pid(session);
  session.sys().write(fd, pid.data(), 2);
  session.sys().write(fd, pid.data() + 2, pid.size() - 2);
  session.sys().close(fd);
  return true;
}

bool make(Session& session) { return make_file(session); }

template <bool (*makes)(Session&), bool (*takes)(Session&)>
void run(Session& session) {
  session.claims();
  if (!makes(session)) {
    if (!has_ended(session, recorded_pid(session, "lock"))) return session.busy();
    if (!takes(session) || !makes(session)) return session.busy();
  }
  own_and_unlink(session);
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/quarantine_and_restore",
      .summary = "a file that is not stale after all is put back where another one is by now",
      .verbs = {{"run", run<make, quarantine>}, {"status", status}},
      .record = "lock"}},
    {{.name = "wild/guard_without_second_look",
      .summary = "one at a time removes a stale file, which was judged before",
      .verbs = {{"run", run<make, remove_guarded>}, {"status", status}},
      .record = "lock"}},
    {{.name = "wild/half_a_pid",
      .summary = "the first half of a pid names nobody, and the file is removed",
      .verbs = {{"run", run<make_in_two_parts, remove_at_once>}, {"status", status}},
      .record = "lock"}},
};

}  // namespace
}  // namespace lockproof::wild
