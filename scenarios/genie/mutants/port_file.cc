// SPDX-License-Identifier: Apache-2.0
// The file with the port of the database: whoever owns makes it, and it must be the owner's.
//
// `exit_removes_port_file`: an owner gives up, drains, and removes it at its end; it is its
// replacement's by then (GE10). `claimant_removes_port_file`: a starter removes what an earlier one
// left before it knows that it owns (GE11, G-R5).
#include "../steps.h"

namespace lockproof::genie {
namespace {

enum class Removes { kAtTheStart, kAtTheEnd };

template <Removes when>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  if (when == Removes::kAtTheStart) remove_name(session, "port");
  const int fd = open_file(session, "lock", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  if (sys.flock(fd, LOCK_EX | LOCK_NB) != 0) return lose(session, fd);
  const int port = open_file(session, "port", O_WRONLY | O_CREAT | O_TRUNC);
  write_own_pid(session, port);
  sys.close(port);
  own(session);
  sys.close(fd);
  if (when == Removes::kAtTheEnd) remove_name(session, "port");
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "genie/exit_removes_port_file",
      .summary = "an exiting owner removes its replacement's port file",
      .verbs = {{"run", run<Removes::kAtTheEnd>}},
      .record = "port"}},
    {{.name = "genie/claimant_removes_port_file",
      .summary = "a starter removes the owner's port file, and then loses",
      .verbs = {{"run", run<Removes::kAtTheStart>}},
      .record = "port"}},
};

}  // namespace
}  // namespace lockproof::genie
