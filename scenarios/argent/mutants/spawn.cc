// SPDX-License-Identifier: Apache-2.0
// A launcher forks the server, and publishes it. Only launchers look at the state, so a server that
// nobody has published is one more.
//
// `publishes_after_spawn`: the launcher is killed in between (AR4). `leaves_child_on_error`: it
// cannot write the state, says that it failed, and leaves the server behind (A-R8).
// `leaves_slow_child`: it waits for the server to be ready, and not for long; the server is ready
// later (wild 15).
#include <csignal>

#include "../steps.h"

namespace lockproof::argent {
namespace {

enum class Waits { kNo, kForReady };
enum class OnError { kEndsServer, kLeavesServer };

// open, close, own, exit
void serve(Session& session, int lock) {
  auto& sys = session.sys();
  sys.close(lock);
  session.claims();
  const int ready = open_file(session, "ready", O_WRONLY | O_CREAT);
  if (ready >= 0) sys.close(ready);
  own(session);
  session.released();
  sys.exit(0);
}

// open, write, close, rename -> whether all went well
bool publish(Session& session, pid_t server) {
  auto& sys = session.sys();
  const std::string text = std::to_string(server) + "\n";
  const int fd = open_file(session, "state.new", O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return false;
  const auto size = static_cast<ssize_t>(text.size());
  const bool written = sys.write(fd, text.data(), text.size()) == size;
  sys.close(fd);
  return written && rename_name(session, "state.new", "state") == 0;
}

// stat; if it is not there yet: sleep, stat
bool is_ready(Session& session) {
  constexpr std::int64_t kPauseNs = 100'000'000;
  struct stat ignored {};
  const std::string path = path_of(session, "ready");
  if (session.sys().fstatat(AT_FDCWD, path.c_str(), &ignored, 0) == 0) return true;
  session.sys().sleep(kPauseNs);
  return session.sys().fstatat(AT_FDCWD, path.c_str(), &ignored, 0) == 0;
}

// Under the launchers' lock, which ends with the launcher.
template <Waits waits, OnError on_error>
void run(Session& session) {
  auto& sys = session.sys();
  const int lock = open_file(session, "lock", O_RDWR | O_CREAT);
  if (lock < 0) return;
  if (sys.flock(lock, LOCK_EX | LOCK_NB) != 0 || server_lives(session)) {
    sys.close(lock);
    return;
  }
  remove_name(session, "ready");
  const pid_t server = sys.fork();
  if (server == 0) return serve(session, lock);
  const bool started = server > 0 && (waits == Waits::kNo || is_ready(session));
  if (server > 0 && !(started && publish(session, server)) && on_error == OnError::kEndsServer) {
    sys.kill(server, SIGKILL);
    sys.waitpid(server, nullptr, 0);
  }
  sys.close(lock);
}

const BuiltinRegistration registrations[] = {
    {{.name = "argent/publishes_after_spawn",
      .summary = "a launcher that dies before it publishes leaves a server that nobody knows",
      .verbs = {{"run", run<Waits::kNo, OnError::kEndsServer>}}}},
    {{.name = "argent/leaves_child_on_error",
      .summary = "a launcher that cannot publish leaves its server behind",
      .verbs = {{"run", run<Waits::kNo, OnError::kLeavesServer>}}}},
    {{.name = "argent/leaves_slow_child",
      .summary = "a launcher that does not wait longer leaves its server behind",
      .verbs = {{"run", run<Waits::kForReady, OnError::kLeavesServer>}}}},
};

}  // namespace
}  // namespace lockproof::argent
