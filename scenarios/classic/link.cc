// SPDX-License-Identifier: Apache-2.0
// link(2): a file of one's own, complete, gets the name of the lock as its second name. The lock is
// never seen empty.
//
// `link` believes the link count of its own file, which is what to do where the answer of link may
// be lost (open(2), on O_EXCL and NFS). `link_wrong_count` looks at the lock instead: A links, and
// the lock has two names; B fails to link, finds two names, and owns too.
//
// `link_steal` removes a lock whose pid is dead, with the gap of all such removals: A and B read
// the pid of the dead one; B unlinks, links, owns; A unlinks B's lock, links, owns.
// `link_steal_once` first makes, with O_EXCL, a file named after the dead one: only one process at
// a time may take that lock; it reads once more, and replaces the lock by rename. Two never own.
// Killed in between, it leaves its permit behind, and the lock stays the dead one's: the first kill
// is survived, the second one not always.
#include "steps.h"

namespace lockproof::classic {
namespace {

std::string private_name(pid_t self) { return "lock." + std::to_string(self); }

// open, write, close
bool prepare(Session& session, pid_t self) {
  const int fd = open_file(session, private_name(self), O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return false;
  write_number(session, fd, self);
  session.sys().close(fd);
  return true;
}

// stat
bool has_two_names(Session& session, std::string_view name) {
  struct stat file {};
  const std::string path = path_of(session, name);
  return session.sys().fstatat(AT_FDCWD, path.c_str(), &file, 0) == 0 && file.st_nlink == 2;
}

// unlink
void give_up_trying(Session& session, pid_t self) {
  remove_name(session, private_name(self));
  session.busy();
}

void own_and_unlink(Session& session) {
  own(session);
  remove_name(session, "lock");
  session.released();
}

enum class Counts { kItsOwn, kTheLocks };

template <Counts counts>
void run(Session& session) {
  session.claims();
  const pid_t self = session.sys().getpid();
  if (!prepare(session, self)) return session.failed("open");
  link_name(session, private_name(self), "lock");
  const bool mine = has_two_names(session, counts == Counts::kItsOwn ? private_name(self) : "lock");
  if (!mine) return give_up_trying(session, self);
  remove_name(session, private_name(self));
  own_and_unlink(session);
}

void run_steal(Session& session) {
  session.claims();
  const pid_t self = session.sys().getpid();
  if (!prepare(session, self)) return session.failed("open");
  bool mine = link_name(session, private_name(self), "lock") == 0;
  if (!mine && has_ended(session, recorded_pid(session, "lock"))) {
    remove_name(session, "lock");
    mine = link_name(session, private_name(self), "lock") == 0;
  }
  if (!mine) return give_up_trying(session, self);
  remove_name(session, private_name(self));
  own_and_unlink(session);
}

// open; if it is new: close, open, pread, close; if it is still the dead one's: rename; unlink
bool replace_lock_of(Session& session, std::int64_t dead, pid_t self) {
  const std::string permit = "permit." + std::to_string(dead);
  const int fd = open_file(session, permit, O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  session.sys().close(fd);
  const bool replaced = recorded_pid(session, "lock") == dead &&
                        rename_name(session, private_name(self), "lock") == 0;
  remove_name(session, permit);
  return replaced;
}

void run_steal_once(Session& session) {
  session.claims();
  const pid_t self = session.sys().getpid();
  if (!prepare(session, self)) return session.failed("open");
  if (link_name(session, private_name(self), "lock") == 0) {
    remove_name(session, private_name(self));
    return own_and_unlink(session);
  }
  const std::int64_t owner = recorded_pid(session, "lock");
  if (has_ended(session, owner) && replace_lock_of(session, owner, self)) {
    return own_and_unlink(session);
  }
  give_up_trying(session, self);
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/link",
      .summary = "link, and the link count of one's own file decides",
      .verbs = {{"run", run<Counts::kItsOwn>}},
      .record = "lock"}},
    {{.name = "classic/link_wrong_count",
      .summary = "link, and the link count of the lock decides",
      .verbs = {{"run", run<Counts::kTheLocks>}},
      .record = "lock"}},
    {{.name = "classic/link_steal",
      .summary = "link, and a lock whose pid is dead is removed",
      .verbs = {{"run", run_steal}},
      .record = "lock"}},
    {{.name = "classic/link_steal_once",
      .summary = "link, and only who has the permit replaces a lock whose pid is dead",
      .verbs = {{"run", run_steal_once}},
      .record = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
