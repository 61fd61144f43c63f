// SPDX-License-Identifier: Apache-2.0
// The end of a lock made with O_EXCL.
//
// `releases_twice`: once by the code that took it, once more at exit, without a look; by then the
// next one has it (A-R5). `releases_for_another`: a helper removes the lock when its holder has
// died. It looks that it is still that one's; before it unlinks, somebody else finds that the
// holder is dead, takes the lock from it and owns (AR7).
#include "../steps.h"

namespace lockproof::argent {
namespace {

void run_twice(Session& session) {
  session.claims();
  if (!make_lock(session)) return session.busy();
  own(session);
  remove_name(session, "spawn.lock");
  remove_name(session, "spawn.lock");
  session.released();
}

// poll until the holder has ended; open, pread, close; unlink if it is still the holder's
void release_when_ended(Session& session, int holder, pid_t pid) {
  auto& sys = session.sys();
  struct pollfd ended = {holder, POLLIN, 0};
  sys.poll(&ended, 1, -1);
  if (recorded_pid(session, "spawn.lock") == pid) remove_name(session, "spawn.lock");
  sys.exit(0);
}

// open; if there is one: pread, close, kill, unlink, open
bool make_or_take(Session& session) {
  if (make_lock(session)) return true;
  if (!has_ended(session, recorded_pid(session, "spawn.lock"))) return false;
  remove_name(session, "spawn.lock");
  return make_lock(session);
}

void run_helped(Session& session) {
  auto& sys = session.sys();
  session.claims();
  if (!make_or_take(session)) return session.busy();
  const pid_t self = sys.getpid();
  const int holder = sys.pidfd_open(self);
  if (sys.fork() == 0) release_when_ended(session, holder, self);
  own(session);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "argent/releases_twice",
      .summary = "the lock is removed once more at exit",
      .verbs = {{"run", run_twice}},
      .lock = "spawn.lock"}},
    {{.name = "argent/releases_for_another",
      .summary = "a dead holder's lock is looked at, and then removed",
      .verbs = {{"run", run_helped}},
      .lock = "spawn.lock"}},
};

}  // namespace
}  // namespace lockproof::argent
