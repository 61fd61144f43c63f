// SPDX-License-Identifier: Apache-2.0
// Everybody writes its pid at the end of one file, and the first pid in it owns. The owner empties
// the file.
//
// With O_APPEND the kernel puts one after the other: right, without kills (`append`). Without it
// each one writes at the beginning (`append_at_offset`): A writes and reads itself, B writes over
// it and reads itself.
#include "steps.h"

namespace lockproof::classic {
namespace {

template <int flags>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "queue", O_RDWR | O_CREAT | flags);
  if (fd < 0) return session.failed("open");
  const pid_t self = sys.getpid();
  const std::string line = std::to_string(self) + ":";
  sys.write(fd, line.data(), line.size());
  if (read_pid(session, fd) != self) return lose(session, fd);
  own(session);
  sys.ftruncate(fd, 0);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/append",
      .summary = "the first pid in a file that everybody appends to",
      .verbs = {{"run", run<O_APPEND>}},
      .record = "queue"}},
    {{.name = "classic/append_at_offset",
      .summary = "the first pid in a file that everybody writes to",
      .verbs = {{"run", run<0>}},
      .record = "queue"}},
};

}  // namespace
}  // namespace lockproof::classic
