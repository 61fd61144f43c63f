// SPDX-License-Identifier: Apache-2.0
// A command that removes the store, and must not while a server works on it.
//
// `uninstall_by_pid`: no pid in the file, no server; but the file is empty while one begins (M-R5).
// `uninstall_after_prompt`: it looks at the lock, gives it back, asks the user, and removes
// (M-R10). `uninstall_unlinks_lock`: it has the lock until it is done, and removes the file of the
// lock, too: who opened it before locks a file without a name (M-R10).
#include "../steps.h"

namespace lockproof::memtomem {
namespace {

void run(Session& session) {
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  session.owns();
  write_pid(session, fd);
  session.hold();
  session.gives_up();
  session.sys().close(fd);
  session.released();
}

// unlink
void remove_store(Session& session) {
  session.destroys();
  remove_name(session, "store");
  session.destroyed();
}

void uninstall_by_pid(Session& session) {
  const std::int64_t pid = recorded_pid(session, "server.pid");
  if (pid > 1 && !has_ended(session, pid)) return session.refused();
  remove_store(session);
}

void uninstall_after_prompt(Session& session) {
  const int fd = open_pid_file(session);
  const bool free = try_flock(session, fd);
  session.sys().close(fd);
  if (!free) return session.refused();
  remove_store(session);
}

void uninstall_with_lock(Session& session) {
  const int fd = open_pid_file(session);
  if (try_flock(session, fd)) {
    remove_store(session);
    remove_name(session, "server.pid");
  } else {
    session.refused();
  }
  session.sys().close(fd);
}

const BuiltinRegistration registrations[] = {
    {{.name = "memtomem/uninstall_by_pid",
      .summary = "the store is removed when no pid is there",
      .verbs = {{"run", run}, {"rm", uninstall_by_pid}},
      .lock = "server.pid"}},
    {{.name = "memtomem/uninstall_after_prompt",
      .summary = "the store is removed some time after a look at the lock",
      .verbs = {{"run", run}, {"rm", uninstall_after_prompt}},
      .lock = "server.pid"}},
    {{.name = "memtomem/uninstall_unlinks_lock",
      .summary = "the store is removed, and the file that keeps servers apart",
      .verbs = {{"run", run}, {"rm", uninstall_with_lock}},
      .lock = "server.pid"}},
};

}  // namespace
}  // namespace lockproof::memtomem
