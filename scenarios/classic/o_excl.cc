// SPDX-License-Identifier: Apache-2.0
// A file that open(2) makes with O_EXCL is the lock; its owner unlinks it.
//
// `o_excl` never takes what another one left: two never own, and after a kill nobody does again.
//
// The others write their pid into it, and remove a file whose writer has ended. The name may have
// come to mean another file between the look and the unlink. `o_excl_steal`: A and B read the pid
// of the dead one; B unlinks, creates, owns; A unlinks B's file, creates, owns. It takes an empty
// file for one that is being written; `o_excl_empty` takes it for a stale one, and needs no dead
// one: A creates; B reads nothing, unlinks, creates, writes, owns; A writes into a file without a
// name, owns.
//
// `o_excl_guarded` looks, removes and creates under a flock on another file: right.
// The others create without it. With only the removal under it nothing is won
// (`o_excl_guard_late`). With the look repeated under it there is room for an owner that ends by
// itself
// (`o_excl_guard_again`): B reads A's pid, A unlinks and ends, C creates and owns, B is told that
// there is no A, unlinks C's file. What helps is to read again after A is known to have ended
// (`o_excl_guard_same`): who has ended unlinks nothing, and other thieves wait. Two never own; but
// a file that its maker left empty stays for ever.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Empty { kIsBeingWritten, kIsStale };
enum class Under { kOnlyRemoval, kNewJudgement, kSamePid };

// open; if it is new: getpid, write, close
bool create(Session& session) {
  const int fd = open_file(session, "lock", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  write_own_pid(session, fd);
  session.sys().close(fd);
  return true;
}

// open, pread, close, kill
template <Empty empty>
bool is_stale(Session& session) {
  const std::int64_t pid = recorded_pid(session, "lock");
  return has_ended(session, pid) || (empty == Empty::kIsStale && pid == seen::kEmpty);
}

// open, flock: waits. What a kill leaves of it is an empty file and no lock.
int enter_guard(Session& session) {
  const int fd = open_file(session, "guard", O_RDWR | O_CREAT);
  if (fd >= 0) session.sys().flock(fd, LOCK_EX);
  return fd;
}

void own_and_unlink(Session& session) {
  own(session);
  remove_name(session, "lock");
  session.released();
}

void run(Session& session) {
  session.claims();
  const int fd = open_file(session, "lock", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return session.busy();
  own(session);
  remove_name(session, "lock");
  session.sys().close(fd);
  session.released();
}

template <Empty empty>
void run_steal(Session& session) {
  session.claims();
  if (create(session)) return own_and_unlink(session);
  if (!is_stale<empty>(session)) return session.busy();
  remove_name(session, "lock");
  if (create(session)) return own_and_unlink(session);
  session.busy();
}

void run_guarded(Session& session) {
  session.claims();
  const int guard = enter_guard(session);
  if (guard < 0) return session.failed("open");
  bool mine = create(session);
  if (!mine && is_stale<Empty::kIsStale>(session)) {
    remove_name(session, "lock");
    mine = create(session);
  }
  session.sys().close(guard);
  if (mine) return own_and_unlink(session);
  session.busy();
}

// Under the guard: is the file still the one that was judged?
template <Under under>
bool may_remove(Session& session, std::int64_t judged) {
  if (under == Under::kOnlyRemoval) return true;
  const std::int64_t pid = recorded_pid(session, "lock");
  return under == Under::kSamePid ? pid == judged : has_ended(session, pid);
}

template <Under under>
void run_guard_late(Session& session) {
  session.claims();
  if (create(session)) return own_and_unlink(session);
  const std::int64_t judged = recorded_pid(session, "lock");
  if (!has_ended(session, judged)) return session.busy();
  const int guard = enter_guard(session);
  if (guard < 0) return session.failed("open");
  const bool steals = may_remove<under>(session, judged);
  if (steals) remove_name(session, "lock");
  const bool mine = steals && create(session);
  session.sys().close(guard);
  if (mine) return own_and_unlink(session);
  session.busy();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/o_excl",
      .summary = "a file made with O_EXCL, never taken from another",
      .verbs = {{"run", run}}}},
    {{.name = "classic/o_excl_steal",
      .summary = "a file made with O_EXCL, removed when its pid is dead",
      .verbs = {{"run", run_steal<Empty::kIsBeingWritten>}},
      .record = "lock"}},
    {{.name = "classic/o_excl_empty",
      .summary = "a file made with O_EXCL, removed when its pid is dead or not there yet",
      .verbs = {{"run", run_steal<Empty::kIsStale>}},
      .record = "lock"}},
    {{.name = "classic/o_excl_guarded",
      .summary = "a file made with O_EXCL, judged and removed under another lock",
      .verbs = {{"run", run_guarded}},
      .record = "lock"}},
    {{.name = "classic/o_excl_guard_late",
      .summary = "a file made with O_EXCL, removed under another lock and judged before",
      .verbs = {{"run", run_guard_late<Under::kOnlyRemoval>}},
      .record = "lock"}},
    {{.name = "classic/o_excl_guard_again",
      .summary = "a file made with O_EXCL, judged again and removed under another lock",
      .verbs = {{"run", run_guard_late<Under::kNewJudgement>}},
      .record = "lock"}},
    {{.name = "classic/o_excl_guard_same",
      .summary = "a file made with O_EXCL, removed under another lock if it is still as judged",
      .verbs = {{"run", run_guard_late<Under::kSamePid>}},
      .record = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
