// SPDX-License-Identifier: Apache-2.0
// What the mutants of this family have in common. Each function is the system calls that it names,
// in that order.
#pragma once

#include "../stale/steps.h"

namespace lockproof::wild {

using namespace stale;

// open, write, close, rename: the record as a whole
inline void write_record(Session& session, const std::string& text) {
  auto& sys = session.sys();
  const std::string fresh = "record." + std::to_string(sys.getpid());
  const int fd = open_file(session, fresh, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return;
  sys.write(fd, text.data(), text.size());
  sys.close(fd);
  rename_name(session, fresh, "record");
}

inline void own_and_unlink(Session& session, std::string_view name = "lock") {
  own(session);
  remove_name(session, name);
  session.released();
}

// open, pread, close
inline void status(Session& session) {
  session.probes();
  recorded_pid(session, "lock");
  session.probed();
}

}  // namespace lockproof::wild
