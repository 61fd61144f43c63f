// SPDX-License-Identifier: Apache-2.0
// Launchers: each starts a server if none seems to run. The server is a child that outlives it.
//
// `launch_claims`: a server claims by itself, and one that comes too late ends. So it does not
// matter who started it, and when that one dies: right. `launch_records`: the launcher writes the
// pid of its child, under a lock: wrong when it is killed between start and record.
// `canary/launch_blind`: without a lock, each starts one. `canary/launch_leaves`: a start fails,
// and its server is left behind.
#include "../classic/steps.h"

namespace lockproof::commands {
namespace {

using namespace classic;

// fork; what the child does is its whole life
template <void (*kServe)(Session& session)>
pid_t start_server(Session& session) {
  const pid_t child = session.sys().fork();
  if (child != 0) return child;
  session.begins_as(Role::kInstance);
  kServe(session);
  session.sys().exit(0);
  return 0;
}

void serve(Session& session) { session.serves(); }

void claim_and_serve(Session& session) {
  session.claims();
  const int fd = open_file(session, "pid", O_RDWR | O_CREAT);
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  session.sys().ftruncate(fd, 0);
  write_own_pid(session, fd);
  session.owns();
  session.serves();
  session.gives_up();
  session.sys().ftruncate(fd, 0);
  session.sys().close(fd);
  session.released();
}

// open, write, close
void record(Session& session, pid_t pid) {
  const int fd = open_file(session, "pid", O_WRONLY | O_CREAT | O_TRUNC);
  write_number(session, fd, pid);
  session.sys().close(fd);
}

void ensure_claims(Session& session) {
  if (recorded_pid(session, "pid") <= 0) start_server<claim_and_serve>(session);
}

void ensure_records(Session& session) {
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  session.sys().flock(fd, LOCK_EX);
  if (recorded_pid(session, "pid") <= 0) {
    const pid_t child = start_server<serve>(session);
    if (child > 0) record(session, child);
  }
  session.sys().close(fd);
}

void ensure_blind(Session& session) { start_server<serve>(session); }

void ensure_leaves(Session& session) {
  session.claims();
  start_server<serve>(session);
  session.failed("it was not ready in time");
}

const BuiltinRegistration registrations[] = {
    {{.name = "commands/launch_claims",
      .summary = "a server that is started claims by itself",
      .verbs = {{"ensure", ensure_claims, Role::kLauncher}},
      .record = "pid"}},
    {{.name = "commands/launch_records",
      .summary = "a launcher records the server that it has started",
      .verbs = {{"ensure", ensure_records, Role::kLauncher}},
      .record = "pid"}},
    {{.name = "canary/launch_blind",
      .summary = "each launcher starts a server",
      .verbs = {{"ensure", ensure_blind, Role::kLauncher}}}},
    {{.name = "canary/launch_leaves",
      .summary = "a failed start leaves its server behind",
      .verbs = {{"ensure", ensure_leaves, Role::kLauncher}}}},
};

}  // namespace
}  // namespace lockproof::commands
