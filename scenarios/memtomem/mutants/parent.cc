// SPDX-License-Identifier: Apache-2.0
// An editor starts a server, which has the lock, and waits for input. When the editor dies it must
// go, also while somebody else keeps its input open: here that is a wait without an end.
//
// `watches_parent`: the kernel is asked to tell, and then it is asked who the parent is; the editor
// has said who that should be. Right. `arms_late`: nobody looks after the kernel was asked; the
// editor was dead by then (WD1, wild 20). `waits_for_input`: the end of the input is to tell
// (W-R5). `init_means_dead`: a parent of pid 1 is a dead one's place; but in a container that is
// who has started it (WD5).
#include <csignal>

#include "../steps.h"

namespace lockproof::memtomem {
namespace {

void wait_for_ever(Session& session) { session.sys().poll(nullptr, 0, -1); }

enum class Watch { kArmsAndLooks, kArms, kNothing };

// What the server does when it has served: it has the descriptor of the lock from its editor.
template <Watch watch>
void wait_for_input(Session& session, pid_t parent) {
  auto& sys = session.sys();
  if (watch != Watch::kNothing) sys.set_parent_death_signal(SIGTERM);
  if (watch == Watch::kArmsAndLooks && sys.getppid() != parent) sys.exit(0);
  wait_for_ever(session);
  sys.exit(0);
}

template <Watch watch>
void start_server(Session& session) {
  const pid_t editor = session.sys().getpid();
  if (session.sys().fork() == 0) wait_for_input<watch>(session, editor);
}

// The editor says that it owns while its server serves it; a server that is there already is
// enough.
template <void (*start)(Session&)>
void run(Session& session) {
  session.claims();
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  start(session);
  own_and_close(session, fd);
}

void run_under_init(Session& session) {
  auto& sys = session.sys();
  session.claims();
  if (sys.getppid() == 1) return session.failed("the parent is dead");
  const int fd = open_pid_file(session);
  if (fd < 0) return session.failed("open");
  if (!try_flock(session, fd)) return lose(session, fd);
  own_and_close(session, fd);
}

const BuiltinRegistration registrations[] = {
    {{.name = "memtomem/arms_late",
      .summary = "the kernel is asked to tell of the parent's death after that",
      .verbs = {{"run", run<start_server<Watch::kArms>>}},
      .lock = "server.pid"}},
    {{.name = "memtomem/waits_for_input",
      .summary = "a server without an editor waits for input, and has the lock",
      .verbs = {{"run", run<start_server<Watch::kNothing>>}},
      .lock = "server.pid"}},
    {{.name = "memtomem/init_means_dead",
      .summary = "a server that init has started takes its parent for dead",
      .verbs = {{"run", run_under_init}},
      .lock = "server.pid"}},
    {{.name = "memtomem/watches_parent",
      .summary = "a server that goes when its editor dies",
      .verbs = {{"run", run<start_server<Watch::kArmsAndLooks>>}},
      .lock = "server.pid"}},
};

}  // namespace
}  // namespace lockproof::memtomem
