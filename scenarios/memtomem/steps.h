// SPDX-License-Identifier: Apache-2.0
// What the mutants of this family have in common: a PID file that is locked by flock on itself.
// Each function is the system calls that it names, in that order.
#pragma once

#include "../stale/steps.h"

namespace lockproof::memtomem {

using namespace stale;

// open -> the descriptor
inline int open_pid_file(Session& session) {
  return open_file(session, "server.pid", O_RDWR | O_CREAT);
}

// flock
inline bool try_flock(Session& session, int fd) {
  return session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0;
}

// ftruncate, getpid, write
inline void write_pid(Session& session, int fd) {
  session.sys().ftruncate(fd, 0);
  write_own_pid(session, fd);
}

// open, pread, close
inline void status(Session& session) {
  session.probes();
  recorded_pid(session, "server.pid");
  session.probed();
}

}  // namespace lockproof::memtomem
