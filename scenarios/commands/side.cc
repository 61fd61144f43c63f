// SPDX-License-Identifier: Apache-2.0
// A side file: what an owner leaves for others besides its record (`port`), which nobody may take
// for a later owner's.
//
// `side_removed` removes what a dead owner left, under the lock, before it owns: right. `side_kept`
// makes one only if there is none, and so shows an old one for as long as it owns: wrong.
#include "../classic/steps.h"

namespace lockproof::commands {
namespace {

using namespace classic;

// open, getpid, write, close; only if there is none
void write_side(Session& session) {
  const int fd = open_file(session, "port", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return;
  write_own_pid(session, fd);
  session.sys().close(fd);
}

void work(Session& session, int lock) {
  session.owns();
  write_side(session);
  session.hold();
  session.gives_up();
  remove_name(session, "port");
  session.sys().close(lock);
  session.released();
}

void run_removed(Session& session) {
  session.claims();
  const int lock = open_file(session, "lock", O_RDWR | O_CREAT);
  if (session.sys().flock(lock, LOCK_EX | LOCK_NB) != 0) return lose(session, lock);
  remove_name(session, "port");
  work(session, lock);
}

void run_kept(Session& session) {
  session.claims();
  const int lock = open_file(session, "lock", O_RDWR | O_CREAT);
  if (session.sys().flock(lock, LOCK_EX | LOCK_NB) != 0) return lose(session, lock);
  work(session, lock);
}

const BuiltinRegistration registrations[] = {
    {{.name = "commands/side_removed",
      .summary = "an owner removes the side file of the one before",
      .verbs = {{"run", run_removed}},
      .lock = "lock",
      .side = "port"}},
    {{.name = "commands/side_kept",
      .summary = "an owner leaves the side file of a dead one",
      .verbs = {{"run", run_kept}},
      .lock = "lock",
      .side = "port"}},
    {{.name = "canary/side_kept",
      .summary = "an old side file is there while another one owns",
      .verbs = {{"run", run_kept}},
      .lock = "lock",
      .side = "port"}},
};

}  // namespace
}  // namespace lockproof::commands
