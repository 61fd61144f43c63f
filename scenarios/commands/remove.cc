// SPDX-License-Identifier: Apache-2.0
// Commands that remove what an owner works on (`data`), and must not while one owns.
//
// `remove_barrier` holds the owners' own lock from before its look until it is done: right.
// `remove_probe` looks whether the lock is free, gives it back, and then removes: wrong when one
// begins to own in between. `canary/remove_forced` does not look.
#include "../classic/steps.h"

namespace lockproof::commands {
namespace {

using namespace classic;

void run(Session& session) {
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  own(session);
  session.sys().close(fd);
  session.released();
}

// unlink
void remove_data(Session& session) {
  session.destroys();
  remove_name(session, "data");
  session.destroyed();
}

void remove_barrier(Session& session) {
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0) {
    remove_data(session);
  } else {
    session.refused();
  }
  session.sys().close(fd);
}

void remove_probe(Session& session) {
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  const bool free = session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0;
  session.sys().close(fd);
  if (!free) return session.refused();
  remove_data(session);
}

void remove_forced(Session& session) { remove_data(session); }

const BuiltinRegistration registrations[] = {
    {{.name = "commands/remove_barrier",
      .summary = "a destructive command holds the owners' lock",
      .verbs = {{"run", run}, {"rm", remove_barrier}},
      .lock = "lock"}},
    {{.name = "commands/remove_probe",
      .summary = "a destructive command looks at the lock, and then acts",
      .verbs = {{"run", run}, {"rm", remove_probe}},
      .lock = "lock"}},
    {{.name = "canary/remove_forced",
      .summary = "a destructive command does not look",
      .verbs = {{"run", run}, {"rm", remove_forced}},
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::commands
