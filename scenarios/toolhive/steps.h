// SPDX-License-Identifier: Apache-2.0
// What the mutants of this family have in common: a status record that names the process of a
// workload, and the lock file beside it. Each function is the system calls that it names, in that
// order.
#pragma once

#include "../stale/steps.h"

namespace lockproof::toolhive {

using namespace stale;

// getpid, open, write, close, rename: the record as a whole, with that pid. 0: nobody.
inline void record_pid(Session& session, std::int64_t pid) {
  auto& sys = session.sys();
  const std::string fresh = "status." + std::to_string(sys.getpid());
  const int fd = open_file(session, fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return;
  write_number(session, fd, static_cast<pid_t>(pid));
  sys.close(fd);
  rename_name(session, fresh, "status");
}

// open, flock: waits. Guards the record, not the work.
inline int lock_record(Session& session) {
  const int fd = open_file(session, "status.lock", O_RDWR | O_CREAT);
  if (fd >= 0) session.sys().flock(fd, LOCK_EX);
  return fd;
}

// open, flock, record_pid, close
inline void record_self(Session& session) {
  const int fd = lock_record(session);
  record_pid(session, session.sys().getpid());
  session.sys().close(fd);
}

// open, pread, close; if it names oneself: record_pid(0)
inline void reset_if_own(Session& session) {
  if (recorded_pid(session, "status") == session.sys().getpid()) record_pid(session, 0);
}

// open, flock, reset_if_own, close
inline void reset_under_lock(Session& session) {
  const int fd = lock_record(session);
  reset_if_own(session);
  session.sys().close(fd);
}

}  // namespace lockproof::toolhive
