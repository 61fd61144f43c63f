// SPDX-License-Identifier: Apache-2.0
// flock(2) decides, on a file that is never removed; a PID file beside it says who. The owner
// removes the PID file when it gives up.
//
// Right when it is removed, or replaced by rename, under the lock (`pid_cleared`, `pid_renamed`).
// Wrong after it (`pid_cleared_late`): A closes the lock, B locks, writes, owns, A removes B's
// file. Looking first whose it is does not help (`pid_cleared_if_own`): A closes and reads its own
// pid, B locks, writes, owns, A removes B's file.
#include "steps.h"

namespace lockproof::classic {
namespace {

enum class Writes { kInPlace, kByRename };
enum class Clears { kUnderLock, kAfterwards, kAfterwardsIfOwn };

// open, write, close; by rename also rename. REQUIRES: the lock, so `new` is nobody else's.
template <Writes how>
void write_record(Session& session, pid_t self) {
  const char* name = how == Writes::kByRename ? "new" : "pid";
  const int fd = open_file(session, name, O_WRONLY | O_CREAT | O_TRUNC);
  write_number(session, fd, self);
  session.sys().close(fd);
  if (how == Writes::kByRename) rename_name(session, name, "pid");
}

template <Writes how, Clears when>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  const pid_t self = sys.getpid();
  write_record<how>(session, self);
  own(session);
  if (when == Clears::kUnderLock) remove_name(session, "pid");
  sys.close(fd);
  const bool late = when == Clears::kAfterwards ||
                    (when == Clears::kAfterwardsIfOwn && recorded_pid(session, "pid") == self);
  if (late) remove_name(session, "pid");
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/pid_cleared",
      .summary = "the PID file beside the lock is removed under the lock",
      .verbs = {{"run", run<Writes::kInPlace, Clears::kUnderLock>}},
      .record = "pid",
      .lock = "lock"}},
    {{.name = "classic/pid_renamed",
      .summary = "the PID file beside the lock is replaced and removed under the lock",
      .verbs = {{"run", run<Writes::kByRename, Clears::kUnderLock>}},
      .record = "pid",
      .lock = "lock"}},
    {{.name = "classic/pid_cleared_late",
      .summary = "the PID file beside the lock is removed after the lock",
      .verbs = {{"run", run<Writes::kInPlace, Clears::kAfterwards>}},
      .record = "pid",
      .lock = "lock"}},
    {{.name = "classic/pid_cleared_if_own",
      .summary = "the PID file beside the lock is read and removed after the lock",
      .verbs = {{"run", run<Writes::kInPlace, Clears::kAfterwardsIfOwn>}},
      .record = "pid",
      .lock = "lock"}},
};

}  // namespace
}  // namespace lockproof::classic
