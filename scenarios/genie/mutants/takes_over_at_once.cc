// SPDX-License-Identifier: Apache-2.0
// `takes_over_at_once`: the instance of a supervisor finds another one, asks it to end, removes its
// PID file and claims. The other one takes its time to drain (GE16).
#include <csignal>

#include "../steps.h"

namespace lockproof::genie {
namespace {

void run(Session& session) {
  auto& sys = session.sys();
  sys.signal_fd(std::uint64_t{1} << (SIGTERM - 1));  // it drains, and then ends by itself
  session.claims();
  const std::int64_t squatter = recorded_pid(session, "serve.pid");
  if (squatter > 1) {
    sys.kill(static_cast<pid_t>(squatter), SIGTERM);
    remove_name(session, "serve.pid");
  }
  if (!claim_file(session, own_pid(session))) return session.busy();
  own(session);
  remove_name(session, "serve.pid");
  session.released();
}

const BuiltinRegistration registration{{
    .name = "genie/takes_over_at_once",
    .summary = "a takeover does not wait for the exit of the one before",
    .verbs = {{"run", run}, {"status", status}},
    .record = "serve.pid",
}};

}  // namespace
}  // namespace lockproof::genie
