// SPDX-License-Identifier: Apache-2.0
// `other_place`: where the lock lies depends on what one process finds: the runtime directory, or
// the home if that cannot be had. Two that find different things have a lock each (M-R9).
#include "../steps.h"

namespace lockproof::memtomem {
namespace {

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int made = sys.mkdirat(AT_FDCWD, path_of(session, "runtime").c_str(), 0700);
  const bool there = made == 0 || made == -EEXIST;
  const int fd = open_file(session, there ? "runtime/server.pid" : "server.pid", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  write_pid(session, fd);
  own_and_close(session, fd);
}

const BuiltinRegistration registration{{
    .name = "memtomem/other_place",
    .summary = "who cannot have the usual directory locks a file somewhere else",
    .verbs = {{"run", run}, {"status", status}},
}};

}  // namespace
}  // namespace lockproof::memtomem
