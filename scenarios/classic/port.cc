// SPDX-License-Identifier: Apache-2.0
// A port of 127.0.0.1 as the lock: the kernel gives it to one socket, and takes it back when the
// last descriptor of that is closed, also from the dead. No file can be removed under anybody.
//
// `port`: who has bound it owns, and only then writes its pid. `port_record_first` writes before it
// binds, as does who lets its libraries daemonize first: A owns, B writes its pid, and loses.
//
// SO_REUSEADDR, which servers set so that they start again at once, lets a second socket bind as
// long as none of the two listens. `port_reuse` owns when it has bound: A binds, B binds. Only one
// can listen: `port_reuse_listens` owns then.
#include "steps.h"

namespace lockproof::classic {
namespace {

// The same for all in one directory; others are unlikely to meet on it.
std::uint16_t port_of(Session& session) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : session.dir()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return static_cast<std::uint16_t>(20'000 + hash % 10'000);
}

// open, getpid, write, close
void write_record(Session& session) {
  const int fd = open_file(session, "pid", O_WRONLY | O_CREAT | O_TRUNC);
  if (fd < 0) return;
  write_own_pid(session, fd);
  session.sys().close(fd);
}

enum class Writes { kBeforeBind, kAfterBind };

template <Writes when>
void run(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = sys.socket(O_CLOEXEC);
  if (fd < 0) return session.failed("socket");
  if (when == Writes::kBeforeBind) write_record(session);
  if (sys.bind(fd, port_of(session)) != 0) return lose(session, fd);
  if (when == Writes::kAfterBind) write_record(session);
  own(session);
  remove_name(session, "pid");
  sys.close(fd);
  session.released();
}

enum class Listens { kNo, kYes };

template <Listens listens>
void run_reuse(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = sys.socket(O_CLOEXEC);
  if (fd < 0) return session.failed("socket");
  if (sys.reuse_address(fd, true) != 0) return session.failed("reuse_address");
  if (sys.bind(fd, port_of(session)) != 0) return lose(session, fd);
  if (listens == Listens::kYes && sys.listen(fd, 1) != 0) return lose(session, fd);
  own(session);
  sys.close(fd);
  session.released();
}

const BuiltinRegistration registrations[] = {
    {{.name = "classic/port",
      .summary = "a port that is bound, then a record",
      .verbs = {{"run", run<Writes::kAfterBind>}},
      .record = "pid"}},
    {{.name = "classic/port_record_first",
      .summary = "a record, then a port that is bound",
      .verbs = {{"run", run<Writes::kBeforeBind>}},
      .record = "pid"}},
    {{.name = "classic/port_reuse",
      .summary = "a port that is bound with SO_REUSEADDR",
      .verbs = {{"run", run_reuse<Listens::kNo>}}}},
    {{.name = "classic/port_reuse_listens",
      .summary = "a port that is bound with SO_REUSEADDR, and listened on",
      .verbs = {{"run", run_reuse<Listens::kYes>}}}},
};

}  // namespace
}  // namespace lockproof::classic
