// SPDX-License-Identifier: Apache-2.0
// Canaries that start or end an instance without a look at what there is: one promise each.
#include <csignal>

#include "../classic/steps.h"

namespace lockproof::canary {
namespace {

using namespace classic;

// Writes who it is, and owns: nobody contends.
void begin_to_own(Session& session) {
  session.claims();
  const int fd = open_file(session, "pid", O_WRONLY | O_CREAT | O_TRUNC);
  write_own_pid(session, fd);
  session.sys().close(fd);
  session.owns();
}

void end_the_recorded(Session& session) {
  const std::int64_t pid = recorded_pid(session, "pid");
  if (pid > 1) session.sys().kill(static_cast<pid_t>(pid), SIGTERM);
}

void run_ready(Session& session) {
  begin_to_own(session);
  session.ready();
  session.serves();
  session.gives_up();
  session.released();
}

// Its record goes on naming it.
void run_and_linger(Session& session) {
  begin_to_own(session);
  session.hold();
  session.gives_up();
  session.released();
  session.hold();
}

void stop_whoever(Session& session) {
  session.picks();
  end_the_recorded(session);
}

void run(Session& session) {
  begin_to_own(session);
  session.hold();
  session.gives_up();
  remove_name(session, "pid");
  session.released();
}

void ensure_unasked(Session& session) {
  session.decides();
  session.sys().close(open_file(session, "running", O_RDWR | O_CREAT));
  session.spawned();
}

const BuiltinRegistration registrations[] = {
    {{.name = "canary/ready_ended",
      .summary = "a launcher ends an instance that others use",
      .verbs = {{"run", run_ready, Role::kInstance}, {"ensure", end_the_recorded, Role::kLauncher}},
      .record = "pid"}},
    {{.name = "canary/former_ended",
      .summary = "a stop ends whom the record names, who has given up",
      .verbs = {{"run", run_and_linger}, {"stop", stop_whoever, Role::kStopper}},
      .record = "pid"}},
    {{.name = "canary/start_needless",
      .summary = "a starter does not look whether there is one",
      .verbs = {{"run", run}, {"ensure", ensure_unasked}},
      .record = "pid"}},
};

}  // namespace
}  // namespace lockproof::canary
