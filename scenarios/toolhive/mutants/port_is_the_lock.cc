// SPDX-License-Identifier: Apache-2.0
// `port_is_the_lock`: who can bind the port runs. So that a new process need not wait for the old
// one to drain, the port is bound with SO_REUSEADDR; then it excludes nobody (T-R7).
#include "../steps.h"

namespace lockproof::toolhive {
namespace {

// One number for each run's directory.
std::uint16_t port_of(Session& session) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : session.dir()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return static_cast<std::uint16_t>(20'000 + hash % 10'000);
}

void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = sys.socket(O_CLOEXEC);
  if (fd < 0) return session.failed("socket");
  sys.reuse_address(fd, true);
  if (sys.bind(fd, port_of(session)) != 0) return lose(session, fd);
  own(session);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registration{{
    .name = "toolhive/port_is_the_lock",
    .summary = "a port that the old and the new process share is the lock",
    .verbs = {{"run", run}},
}};

}  // namespace
}  // namespace lockproof::toolhive
