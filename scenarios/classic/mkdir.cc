// SPDX-License-Identifier: Apache-2.0
// mkdir(2): who makes the directory owns; rmdir ends it.
//
// `mkdir` never takes what another one left: two never own, and after a kill nobody does again.
// `mkdir_steal` writes its pid into a file in the directory, and removes both when the pid is dead:
// A and B read it; B removes both, makes both, owns; A removes B's, makes both, owns.
#include "steps.h"

namespace lockproof::classic {
namespace {

// mkdir
bool make_directory(Session& session) {
  return session.sys().mkdirat(AT_FDCWD, path_of(session, "lock").c_str(), 0700) == 0;
}

void run(Session& session) {
  session.claims();
  if (!make_directory(session)) return session.busy();
  own(session);
  remove_name(session, "lock", AT_REMOVEDIR);
  session.released();
}

void run_steal(Session& session) {
  session.claims();
  if (!make_directory(session)) {
    if (!has_ended(session, recorded_pid(session, "lock/pid"))) return session.busy();
    remove_name(session, "lock/pid");
    remove_name(session, "lock", AT_REMOVEDIR);
    if (!make_directory(session)) return session.busy();
  }
  const int fd = open_file(session, "lock/pid", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return session.busy();
  write_own_pid(session, fd);
  session.sys().close(fd);
  own(session);
  remove_name(session, "lock/pid");
  remove_name(session, "lock", AT_REMOVEDIR);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/mkdir",
      .summary = "a directory, never taken from another",
      .verbs = {{"run", run}}}},
    {{.name = "classic/mkdir_steal",
      .summary = "a directory, removed when the pid in it is dead",
      .verbs = {{"run", run_steal}}}},
};

}  // namespace
}  // namespace lockproof::classic
