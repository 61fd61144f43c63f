// SPDX-License-Identifier: Apache-2.0
// The state file that names the server.
//
// `state_in_place`: an owner writes it anew, empty first; who looks in between finds no server, and
// starts one (AR8). `state_before_bind`: a second way to start takes no lock, and publishes before
// it knows whether it can have the port (AR5). `removes_what_it_cannot_read`: one that finds out
// nothing about the process that is named takes the file for a dead one's (A-R9).
#include "../steps.h"

namespace lockproof::argent {
namespace {

// open: empties it; getpid, write, close
void write_state_in_place(Session& session) {
  const int fd = open_file(session, "state", O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return;
  write_own_pid(session, fd);
  session.sys().close(fd);
}

void run_in_place(Session& session) {
  session.claims();
  const int fd = try_lock(session);  // for the start alone
  if (fd < 0) return session.busy();
  if (server_lives(session)) return lose(session, fd);
  write_state_in_place(session);
  session.sys().close(fd);
  session.owns();
  write_state_in_place(session);
  session.hold();
  session.gives_up();
  remove_name(session, "state");
  session.released();
}

// One number for each run's directory.
std::uint16_t port_of(Session& session) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : session.dir()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return static_cast<std::uint16_t>(20'000 + hash % 10'000);
}

void run_before_bind(Session& session) {
  auto& sys = session.sys();
  session.claims();
  if (server_lives(session)) return session.busy();
  write_state(session);
  const int fd = sys.socket(O_CLOEXEC);
  if (fd < 0) return session.failed("socket");
  if (sys.bind(fd, port_of(session)) != 0) return lose(session, fd);
  own(session);
  if (recorded_pid(session, "state") == sys.getpid()) remove_name(session, "state");
  sys.close(fd);
  session.released();
}

// open, read, close; open, read, close of its stat; if they differ: unlink
void remove_if_stale(Session& session) {
  const std::string record = text_of(session, path_of(session, "state"));
  if (record.empty() || start_time(session, field(record, 0)) == field(record, 1)) return;
  remove_name(session, "state");
}

void run_removing(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = try_lock(session);
  if (fd < 0) {
    remove_if_stale(session);
    return session.busy();
  }
  const std::string self = std::to_string(sys.getpid()) + ":" + start_time(session, "self");
  const int state = open_file(session, "state.new", O_WRONLY | O_CREAT | O_TRUNC);
  sys.write(state, self.data(), self.size());
  sys.close(state);
  rename_name(session, "state.new", "state");
  own(session);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "argent/state_in_place",
      .summary = "the state is empty for a moment, and so there is no server",
      .verbs = {{"run", run_in_place}, {"status", status}},
      .record = "state"}},
    {{.name = "argent/state_before_bind",
      .summary = "a server that has not got the port yet is published",
      .verbs = {{"run", run_before_bind}, {"status", status}},
      .record = "state"}},
    {{.name = "argent/removes_what_it_cannot_read",
      .summary = "the state of a server that cannot be looked up is removed",
      .verbs = {{"run", run_removing}, {"status", status}},
      .record = "state"}},
};

}  // namespace
}  // namespace lockproof::argent
