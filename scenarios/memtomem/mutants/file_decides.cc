// SPDX-License-Identifier: Apache-2.0
// Something else than the lock decides who lives.
//
// `pid_decides`: who has the lock still gives way to the pid that is recorded, a stranger's by now
// (M-R4). `file_decides`: the file is there, so its owner is; and it stays there when SIGTERM comes
// before its handler (ME7, M-R7, W-R6).
#include <csignal>

#include "../steps.h"

namespace lockproof::memtomem {
namespace {

void run_by_pid(Session& session) {
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  const std::int64_t pid = read_pid(session, fd);
  if (pid > 1 && !has_ended(session, pid)) return lose(session, fd);
  write_pid(session, fd);
  own_and_close(session, fd);
}

void run_by_file(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "server.pid", O_RDWR | O_CREAT | O_EXCL);
  if (fd < 0) return session.busy();
  write_own_pid(session, fd);
  sys.signal_fd(
      std::uint64_t{1} << (SIGTERM - 1));  // from here on it is seen, and cleaned up after
  own(session);
  remove_name(session, "server.pid");
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "memtomem/pid_decides",
      .summary = "who has the lock gives way to the recorded pid",
      .verbs = {{"run", run_by_pid}, {"status", status}},
      .record = "server.pid",
      .lock = "server.pid"}},
    {{.name = "memtomem/file_decides",
      .summary = "a file that a signal left behind keeps everybody out",
      .verbs = {{"run", run_by_file}, {"status", status}},
      .record = "server.pid"}},
};

}  // namespace
}  // namespace lockproof::memtomem
