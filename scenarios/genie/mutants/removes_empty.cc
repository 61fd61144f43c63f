// SPDX-License-Identifier: Apache-2.0
// `removes_empty`: an exiting owner removes its PID file, in the signal's handler and at exit. It
// looks whether the file is its own, and takes one that names nobody for its own as well: by then
// that is a successor's, made and not yet written (GE4).
#include "../steps.h"

namespace lockproof::genie {
namespace {

// open, pread, close; unlink, unless another one is named
void remove_own(Session& session, pid_t self) {
  const std::int64_t pid = recorded_pid(session, "serve.pid");
  if (pid == self || pid == seen::kEmpty) remove_name(session, "serve.pid");
}

void run(Session& session) {
  session.claims();
  const pid_t self = session.sys().getpid();
  if (!claim_file(session, own_pid(session))) return session.busy();
  own(session);
  remove_own(session, self);
  remove_own(session, self);
  session.released();
}

const BuiltinRegistration registration{{
    .name = "genie/removes_empty",
    .summary = "an exiting owner removes the file that a successor has just made",
    .verbs = {{"run", run}, {"status", status}},
    .record = "serve.pid",
}};

}  // namespace
}  // namespace lockproof::genie
