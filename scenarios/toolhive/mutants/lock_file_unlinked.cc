// SPDX-License-Identifier: Apache-2.0
// The file of a lock is removed, and those who have it open lock a file without a name, while the
// next one makes a new one (TH1). Who removes it differs:
//
// `waiter_unlinks`: one that waited for a second, and gave up. `unlink_after_unlock`: the owner,
// when it has given up the lock. `reader_unlinks`: who only reads the record, under a shared lock.
#include "../steps.h"

namespace lockproof::toolhive {
namespace {

enum class Unlinks { kNobody, kWaiter, kOwner };

// open; flock, up to twice, with a pause -> the descriptor, or -1: close, and perhaps unlink
template <Unlinks who>
int lock_in_time(Session& session) {
  constexpr std::int64_t kPauseNs = 100'000'000;
  auto& sys = session.sys();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return -1;
  if (sys.flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  sys.sleep(kPauseNs);
  if (sys.flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  sys.close(fd);
  if (who == Unlinks::kWaiter) remove_name(session, "lock");
  return -1;
}

template <Unlinks who>
void run(Session& session) {
  session.claims();
  const int fd = lock_in_time<who>(session);
  if (fd < 0) return session.busy();
  own(session);
  session.sys().close(fd);
  if (who == Unlinks::kOwner) remove_name(session, "lock");
  session.released();
}

// open, flock; if it is got: open, pread, close, close
void read_record(Session& session) {
  const int fd = try_lock(session, "lock", LOCK_SH);
  if (fd < 0) return;
  recorded_pid(session, "status");
  session.sys().close(fd);
}

void status(Session& session) {
  session.probes();
  read_record(session);
  session.probed();
}

void status_and_unlink(Session& session) {
  session.probes();
  read_record(session);
  remove_name(session, "lock");
  session.probed();
}

const BuiltinRegistration registrations[] = {
    {{.name = "toolhive/waiter_unlinks",
      .summary = "who waited for the lock in vain removes its file",
      .verbs = {{"run", run<Unlinks::kWaiter>}, {"status", status}}}},
    {{.name = "toolhive/unlink_after_unlock",
      .summary = "the owner removes the file of the lock after it gave that up",
      .verbs = {{"run", run<Unlinks::kOwner>}, {"status", status}}}},
    {{.name = "toolhive/reader_unlinks",
      .summary = "a reader removes the file of the lock",
      .verbs = {{"run", run<Unlinks::kNobody>}, {"status", status_and_unlink}}}},
};

}  // namespace
}  // namespace lockproof::toolhive
