// SPDX-License-Identifier: Apache-2.0
// A stop from outside.
//
// `stop_unlinks_anyway`: it signals, waits until nobody has the pid, and removes the PID file; a
// new serve has claimed meanwhile, and it is that one's (GE12). `stop_ignores_start_time`: the
// record has it, and it is not looked at: a stranger has the pid (GE13).
#include <csignal>

#include "../steps.h"

namespace lockproof::genie {
namespace {

// A claim takes the file from who has ended, one at a time.
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const std::string self = std::to_string(sys.getpid()) + ":" + start_time(session, "self");
  const int guard = open_file(session, "guard", O_RDWR | O_CREAT);
  if (guard < 0) return session.failed("open");
  sys.flock(guard, LOCK_EX);
  const std::string record = text_of(session, path_of(session, "serve.pid"));
  const bool dead = !record.empty() && start_time(session, field(record, 0)) != field(record, 1);
  if (dead) remove_name(session, "serve.pid");
  const bool mine = claim_file(session, self);
  sys.close(guard);
  if (!mine) return session.busy();
  own(session);
  remove_name(session, "serve.pid");
  session.released();
}

constexpr std::int64_t kPauseNs = 250'000'000;

// open, read, close, kill; then kill and sleep, at most twice; unlink
void stop(Session& session) {
  auto& sys = session.sys();
  const std::int64_t pid = read_pid_text(text_of(session, path_of(session, "serve.pid")));
  if (pid <= 1 || sys.kill(static_cast<pid_t>(pid), SIGTERM) != 0) return;
  for (int looks = 0; looks < 2 && !has_ended(session, pid); ++looks) sys.sleep(kPauseNs);
  remove_name(session, "serve.pid");
}

const BuiltinRegistration registrations[] = {
    {{.name = "genie/stop_unlinks_anyway",
      .summary = "stop removes the PID file of the one who claimed meanwhile",
      .verbs = {{"run", run}, {"stop", stop}},
      .record = "serve.pid"}},
    {{.name = "genie/stop_ignores_start_time",
      .summary = "stop signals the recorded pid without a look at the start time",
      .verbs = {{"run", run}, {"stop", stop}},
      .record = "serve.pid"}},
};

}  // namespace
}  // namespace lockproof::genie
