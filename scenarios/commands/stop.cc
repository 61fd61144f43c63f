// SPDX-License-Identifier: Apache-2.0
// A stop that keeps automatic starts away, and starters that ask whether one is under way.
//
// The instance is a file here, `running`: what is judged is who starts one, not how. `stop_locked`
// announces a stop by a shared lock, so that several may be under way and a crashed one is over;
// a starter keeps out new ones while it starts. Right. `stop_file` announces it by a file that it
// removes at its end, and a starter looks for it, and then starts: wrong when the stop begins in
// between; and with two stops, of which the first one to end withdraws both. `canary/stop_unasked`
// has a starter that never looks.
#include "../classic/steps.h"

namespace lockproof::commands {
namespace {

using namespace classic;

// open, close
void create(Session& session, std::string_view name) {
  const int fd = open_file(session, name, O_RDWR | O_CREAT);
  if (fd >= 0) session.sys().close(fd);
}

// stat
bool exists(Session& session, std::string_view name) {
  struct stat ignored {};
  return session.sys().fstatat(AT_FDCWD, path_of(session, name).c_str(), &ignored, 0) == 0;
}

void end_instance(Session& session) {
  session.stops();
  remove_name(session, "running");
  session.stopped();
}

void start_instance(Session& session) {
  session.decides();
  create(session, "running");
  session.spawned();
}

void stop_locked(Session& session) {
  const int fd = open_file(session, "stop", O_RDWR | O_CREAT);
  session.sys().flock(fd, LOCK_SH);
  end_instance(session);
  session.sys().close(fd);
}

void ensure_locked(Session& session) {
  const int fd = open_file(session, "stop", O_RDWR | O_CREAT);
  if (session.sys().flock(fd, LOCK_EX | LOCK_NB) == 0 && !exists(session, "running")) {
    start_instance(session);
  } else {
    session.refrained();
  }
  session.sys().close(fd);
}

void stop_file(Session& session) {
  create(session, "stopping");
  end_instance(session);
  remove_name(session, "stopping");
}

void ensure_file(Session& session) {
  if (exists(session, "stopping") || exists(session, "running")) return session.refrained();
  start_instance(session);
}

void ensure_unasked(Session& session) { start_instance(session); }

const BuiltinRegistration registrations[] = {
    {{.name = "commands/stop_locked",
      .summary = "a stop is a shared lock, which a starter asks for alone",
      .verbs = {{"ensure", ensure_locked}, {"stop", stop_locked}}}},
    {{.name = "commands/stop_file",
      .summary = "a stop is a file, which each stop makes and removes",
      .verbs = {{"ensure", ensure_file}, {"stop", stop_file}}}},
    {{.name = "canary/stop_unasked",
      .summary = "a starter does not ask whether a stop is under way",
      .verbs = {{"ensure", ensure_unasked}, {"stop", stop_file}}}},
};

}  // namespace
}  // namespace lockproof::commands
