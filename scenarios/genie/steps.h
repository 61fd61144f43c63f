// SPDX-License-Identifier: Apache-2.0
// What the mutants of this family have in common: a PID file that is made with O_EXCL, and taken
// from whoever is judged to be dead. Each function is the system calls that it names, in that
// order.
#pragma once

#include "../stale/steps.h"

namespace lockproof::genie {

using namespace stale;

// open; if the file is new: write, close
inline bool claim_file(Session& session, const std::string& identity) {
  const int fd = open_file(session, "serve.pid", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  session.sys().write(fd, identity.data(), identity.size());
  session.sys().close(fd);
  return true;
}

// open, read, close; kill, if somebody is named
inline void status(Session& session) {
  session.probes();
  has_ended(session, read_pid_text(text_of(session, path_of(session, "serve.pid"))));
  session.probed();
}

// Two attempts; between them the file is unlinked if it is judged to be stale.
template <bool (*is_stale)(Session&, const std::string& record), std::string (*identity)(Session&)>
void run_claiming(Session& session) {
  session.claims();
  const std::string self = identity(session);
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (claim_file(session, self)) {
      own(session);
      remove_name(session, "serve.pid");
      return session.released();
    }
    if (!is_stale(session, text_of(session, path_of(session, "serve.pid")))) return session.busy();
    remove_name(session, "serve.pid");
  }
  session.failed("another one is faster");
}

}  // namespace lockproof::genie
