// SPDX-License-Identifier: Apache-2.0
// genie 1430, before its fix: read the PID file; if nobody lives behind it, unlink it and write
// one's own. Four steps, and room for another starter between any two of them.
#include <string>
#include <string_view>

#include "subject/builtin.h"

namespace {

using lockproof::Session;

std::string pid_file(Session& session) { return session.dir() + "/serve.pid"; }

// The pid that the file names, 0 when there is none.
std::int64_t recorded_pid(Session& session) {
  auto& sys = session.sys();
  const int fd = sys.openat(AT_FDCWD, pid_file(session).c_str(), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  char text[32];
  const ssize_t size = sys.read(fd, text, sizeof text);
  sys.close(fd);
  if (size <= 0) return 0;
  const std::int64_t pid = lockproof::read_pid_text({text, static_cast<std::size_t>(size)});
  return pid > 0 ? pid : 0;
}

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const std::int64_t pid = recorded_pid(session);
  if (pid > 1 && pid != sys.getpid() && sys.kill(static_cast<pid_t>(pid), 0) == 0) {
    return session.busy();
  }
  sys.unlinkat(AT_FDCWD, pid_file(session).c_str(), 0);
  const int fd = sys.openat(AT_FDCWD, pid_file(session).c_str(),
                            O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return session.failed("open");
  const std::string text = std::to_string(sys.getpid()) + "\n";
  sys.write(fd, text.data(), text.size());
  sys.close(fd);
  session.owns();
  session.hold();
  session.gives_up();
  sys.unlinkat(AT_FDCWD, pid_file(session).c_str(), 0);
  session.released();
}

const lockproof::BuiltinRegistration registration{{
    .name = "genie/read_check_unlink_write",
    .summary = "a stale PID file is judged, removed and replaced in separate steps",
    .verbs = {{"run", run}},
    .record = "serve.pid",
}};

}  // namespace
