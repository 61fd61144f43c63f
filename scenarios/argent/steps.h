// SPDX-License-Identifier: Apache-2.0
// What the mutants of this family have in common: a state file that names the server, and a lock
// file, made with O_EXCL, for the one who is about to start it. Each function is the system calls
// that it names, in that order.
#pragma once

#include "../stale/steps.h"

namespace lockproof::argent {

using namespace stale;

// open; if the file is new: getpid, write, close
inline bool make_lock(Session& session) { return make_file(session, "spawn.lock"); }

// open, pread, close; if it is one's own: unlink
inline void release_lock(Session& session) {
  if (recorded_pid(session, "spawn.lock") == session.sys().getpid()) {
    remove_name(session, "spawn.lock");
  }
}

// open, pread, close, kill
inline bool server_lives(Session& session) {
  const std::int64_t pid = recorded_pid(session, "state");
  return pid > 1 && !has_ended(session, pid);
}

// getpid, open, write, close, rename: the state as a whole
inline void write_state(Session& session) {
  const pid_t self = session.sys().getpid();
  const std::string fresh = "state." + std::to_string(self);
  const int fd = open_file(session, fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return;
  write_number(session, fd, self);
  session.sys().close(fd);
  rename_name(session, fresh, "state");
}

inline void status(Session& session) {
  session.probes();
  server_lives(session);
  session.probed();
}

enum class Got { kLock, kNothing, kGoesOnWithout };

// A server that lives is used, without a lock; else `acquire`, and then it is looked once more,
// started and published. Nobody else writes the state while the one who is named lives.
template <Got (*acquire)(Session&)>
void run_spawning(Session& session) {
  session.claims();
  if (server_lives(session)) return session.busy();
  const Got got = acquire(session);
  if (got == Got::kNothing) return session.failed("lock");
  const bool starts = !server_lives(session);
  if (starts) write_state(session);
  if (got == Got::kLock) release_lock(session);
  if (!starts) return session.busy();
  own(session);
  remove_name(session, "state");
  session.released();
}

}  // namespace lockproof::argent
