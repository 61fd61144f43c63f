// SPDX-License-Identifier: Apache-2.0
// A server that a user has started, and launchers that end a server to start a better one.
//
// `spare_managed` looks at the mark in the record before it signals: what has none is a user's.
// Right. `spare_nobody` ends whom the record names.
#include <csignal>

#include "../classic/steps.h"

namespace lockproof::commands {
namespace {

using namespace classic;

// Owns whatever comes: only who signals it is judged here.
void run(Session& session) {
  session.claims();
  const int fd = open_file(session, "pid", O_WRONLY | O_CREAT | O_TRUNC);
  write_own_pid(session, fd);
  session.sys().close(fd);
  session.owns();
  session.serves();
  session.gives_up();
  remove_name(session, "pid");
  session.released();
}

void end(Session& session, std::int64_t pid) {
  if (pid > 1) session.sys().kill(static_cast<pid_t>(pid), SIGTERM);
}

void stop(Session& session) { end(session, recorded_pid(session, "pid")); }

void ensure_managed(Session& session) {
  if (recorded_pid(session, "managed") > 1) end(session, recorded_pid(session, "pid"));
}

void ensure_nobody(Session& session) { end(session, recorded_pid(session, "pid")); }

template <void (*kEnsure)(Session& session)>
Builtin subject(std::string_view name, std::string_view summary) {
  return {.name = name,
          .summary = summary,
          .verbs = {{"run", run, Role::kUserInstance},
                    {"ensure", kEnsure, Role::kLauncher},
                    {"stop", stop, Role::kStopper}},
          .record = "pid"};
}

const BuiltinRegistration registrations[] = {
    subject<ensure_managed>("commands/spare_managed", "a launcher ends only what it has marked"),
    subject<ensure_nobody>("commands/spare_nobody", "a launcher ends whom the record names"),
    subject<ensure_nobody>("canary/spare_nobody", "a launcher ends what a user has started"),
};

}  // namespace
}  // namespace lockproof::commands
