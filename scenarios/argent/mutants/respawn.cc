// SPDX-License-Identifier: Apache-2.0
// A server that does not answer is ended, and a new one started in its place. None answers here:
// what is asked is whom the signal hits.
//
// `kills_the_pid`: whoever has the recorded number (A-R6, A-R7). `kills_the_name`: whoever has it
// and is called like a server, which others are too (A-R10). `kills_after_a_look`: whoever has it
// when the signal is sent, which is after the look at its start time (AR9).
#include <csignal>

#include "../steps.h"

namespace lockproof::argent {
namespace {

// proc(5): the second field
std::string name_of(Session& session, std::string_view process) {
  const std::string line = text_of(session, "/proc/" + std::string(process) + "/stat");
  const std::size_t begin = line.find('(');
  return begin == std::string::npos ? "" : line.substr(begin, line.rfind(')') - begin);
}

bool any(Session&, const std::string&) { return true; }

// open, read, close, twice
bool has_my_name(Session& session, const std::string& record) {
  return name_of(session, field(record, 0)) == name_of(session, "self");
}

// open, read, close
bool started_then(Session& session, const std::string& record) {
  return start_time(session, field(record, 0)) == field(record, 1);
}

// open, read, close; what `is_server` asks; kill
template <bool (*is_server)(Session&, const std::string& record)>
void end_server(Session& session) {
  const std::string record = text_of(session, path_of(session, "state"));
  const std::int64_t pid = read_pid_text(record);
  if (pid <= 1 || pid == session.sys().getpid() || !is_server(session, record)) return;
  session.sys().kill(static_cast<pid_t>(pid), SIGKILL);
}

template <bool (*is_server)(Session&, const std::string& record)>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const std::string self = std::to_string(sys.getpid()) + ":" + start_time(session, "self");
  end_server<is_server>(session);
  const int fd = open_file(session, "state", O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return session.failed("open");
  sys.write(fd, self.data(), self.size());
  sys.close(fd);
  own(session);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "argent/kills_the_pid",
      .summary = "whoever has the recorded pid is ended",
      .verbs = {{"run", run<any>}},
      .record = "state"}},
    {{.name = "argent/kills_the_name",
      .summary = "whoever has the recorded pid and the name of a server is ended",
      .verbs = {{"run", run<has_my_name>}},
      .record = "state"}},
    {{.name = "argent/kills_after_a_look",
      .summary = "the start time is looked at, and then the pid is signalled",
      .verbs = {{"run", run<started_then>}},
      .record = "state"}},
};

}  // namespace
}  // namespace lockproof::argent
