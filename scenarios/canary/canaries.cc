// SPDX-License-Identifier: Apache-2.0
// Subjects that are wrong on purpose, one promise each. A harness that lets one of them pass is
// broken.
#include <sys/file.h>

#include <cstdlib>
#include <string>

#include "subject/builtin.h"

namespace {

using lockproof::Session;

int open_file(Session& session, const char* name, int flags) {
  const std::string path = session.dir() + "/" + name;
  return session.sys().openat(AT_FDCWD, path.c_str(), flags | O_CLOEXEC, 0600);
}

void write_own_pid(Session& session) {
  const int fd = open_file(session, "pid", O_WRONLY | O_CREAT | O_TRUNC);
  const std::string text = std::to_string(session.sys().getpid()) + "\n";
  session.sys().write(fd, text.data(), text.size());
  session.sys().close(fd);
}

void own_and_release(Session& session, int fd) {
  session.owns();
  session.hold();
  session.gives_up();
  if (fd >= 0) session.sys().close(fd);
  session.released();
}

// Looks, and owns whatever it sees: breaks one_owner.
void no_lock(Session& session) {
  session.claims();
  struct stat ignored {};
  session.sys().fstatat(AT_FDCWD, session.dir().c_str(), &ignored, 0);
  own_and_release(session, -1);
}

// Locks rightly, but tells everybody who asked that it is the one in the record: breaks
// record_names_owner.
void loser_writes(Session& session) {
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  const bool mine = session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0;
  write_own_pid(session);
  if (mine) return own_and_release(session, fd);
  session.sys().close(fd);
  session.busy();
}

// A forked child inherits the lock and keeps it after its parent's death: breaks no_lock_leak.
void leaks_lock(Session& session) {
  session.claims();
  const std::string path = session.dir() + "/lock";
  const int fd = session.sys().openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0600);
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0) return own_and_release(session, fd);
  session.sys().close(fd);
  session.busy();
}

// Keeps others out by a file of its own, and never takes the lock that it shows to the world:
// breaks no_unlocked_owner.
void never_locks(Session& session) {
  session.claims();
  session.sys().close(open_file(session, "lock", O_RDWR | O_CREAT));
  const int fd = open_file(session, "hidden", O_RDWR | O_CREAT);
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0) return own_and_release(session, fd);
  session.sys().close(fd);
  session.busy();
}

// Crashes now and then when it is told that it is too late: breaks clean_exit.
void crashes(Session& session) {
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0) return own_and_release(session, fd);
  session.sys().exit(3);
}

// Takes any file for a lock that is held, and leaves its own behind when it dies: breaks recovers.
void never_recovers(Session& session) {
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT | O_EXCL);
  if (fd < 0) return session.busy();
  session.owns();
  session.hold();
  session.gives_up();
  const std::string path = session.dir() + "/lock";
  session.sys().unlinkat(AT_FDCWD, path.c_str(), 0);
  session.sys().close(fd);
  session.released();
}

const lockproof::BuiltinRegistration registrations[] = {
    {{.name = "canary/no_lock", .summary = "everybody owns", .verbs = {{"run", no_lock}}}},
    {{.name = "canary/loser_writes",
      .summary = "a loser writes itself into the record",
      .verbs = {{"run", loser_writes}},
      .record = "pid",
      .lock = "lock"}},
    {{.name = "canary/leaks_lock",
      .summary = "children keep the lock",
      .verbs = {{"run", leaks_lock}},
      .lock = "lock"}},
    {{.name = "canary/never_locks",
      .summary = "owns without the lock that it shows",
      .verbs = {{"run", never_locks}},
      .lock = "lock"}},
    {{.name = "canary/crashes", .summary = "a loser crashes", .verbs = {{"run", crashes}}}},
    {{.name = "canary/never_recovers",
      .summary = "what a crash leaves behind blocks for ever",
      .verbs = {{"run", never_recovers}}}},
};

}  // namespace
