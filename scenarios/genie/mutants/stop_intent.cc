// SPDX-License-Identifier: Apache-2.0
// A stop announces itself by a file, and whoever would start an instance by itself looks for that.
// The instance is a file here, `running`. Looking and starting are one under a lock, `gate`, that a
// stop has when it announces itself: so none begins in between, but for `looks_without_gate`.
//
// `second_way_to_start`: one of two ways does not look (GE5). `looks_without_gate`: a stop begins
// between look and start (GE6). `unwritten_is_over`: the announcement is empty for a moment, reads
// as corrupt, and is removed (GE7, G-R3). `first_stop_withdraws`: the first of two stops removes
// the announcement of both (GE8). `expires_by_wall_clock`: the clock is set, and the stop is over
// (GE9).
#include "../steps.h"

namespace lockproof::genie {
namespace {

constexpr std::string_view kSentinel = "stopping";
constexpr std::int64_t kTimeToLive = 30;

// open, flock: waits
int enter_gate(Session& session) {
  const int gate = open_file(session, "gate", O_RDWR | O_CREAT);
  session.sys().flock(gate, LOCK_EX);
  return gate;
}

// stat
bool exists(Session& session, std::string_view name) {
  struct stat ignored {};
  return session.sys().fstatat(AT_FDCWD, path_of(session, name).c_str(), &ignored, 0) == 0;
}

// open, close
void start(Session& session) {
  session.decides();
  const int fd = open_file(session, "running", O_RDWR | O_CREAT);
  session.sys().close(fd);
  session.spawned();
}

template <bool (*is_stopping)(Session&)>
void ensure(Session& session) {
  const int gate = enter_gate(session);
  if (is_stopping(session) || exists(session, "running")) {
    session.refrained();
  } else {
    start(session);
  }
  session.sys().close(gate);
}

bool announced(Session& session) { return exists(session, kSentinel); }
bool nobody_looks(Session&) { return false; }

void ensure_without_gate(Session& session) {
  if (announced(session) || exists(session, "running")) return session.refrained();
  start(session);
}

// open, read, close; unlink what names no time
bool announced_and_written(Session& session) {
  if (!exists(session, kSentinel)) return false;
  if (!text_of(session, path_of(session, kSentinel)).empty()) return true;
  remove_name(session, kSentinel);
  return false;
}

// clock_gettime
std::int64_t wall_seconds(Session& session) {
  struct timespec now {};
  session.sys().clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec;
}

// open, read, close, clock_gettime
bool announced_and_not_over(Session& session) {
  const std::string end = text_of(session, path_of(session, kSentinel));
  return !end.empty() && std::stol(end) > wall_seconds(session);
}

// clock_gettime, open; write under the gate; the stop; unlink
void stop(Session& session) {
  auto& sys = session.sys();
  const std::string end = std::to_string(wall_seconds(session) + kTimeToLive);
  const int fd = open_file(session, kSentinel, O_WRONLY | O_CREAT | O_TRUNC);
  const int gate = enter_gate(session);
  sys.write(fd, end.data(), end.size());
  session.stops();
  sys.close(gate);
  sys.close(fd);
  remove_name(session, "running");
  session.stopped();
  remove_name(session, kSentinel);
}

const BuiltinRegistration registrations[] = {
    {{.name = "genie/second_way_to_start",
      .summary = "a way to start does not look whether a stop is under way",
      .verbs = {{"ensure", ensure<nobody_looks>}, {"stop", stop}}}},
    {{.name = "genie/looks_without_gate",
      .summary = "a stop begins between the look for it and the start",
      .verbs = {{"ensure", ensure_without_gate}, {"stop", stop}}}},
    {{.name = "genie/unwritten_is_over",
      .summary = "a stop that is just being announced is taken for a corrupt one",
      .verbs = {{"ensure", ensure<announced_and_written>}, {"stop", stop}}}},
    {{.name = "genie/first_stop_withdraws",
      .summary = "the first of two stops removes the announcement of both",
      .verbs = {{"ensure", ensure<announced>}, {"stop", stop}}}},
    {{.name = "genie/expires_by_wall_clock",
      .summary = "a stop is over when the clock says so",
      .verbs = {{"ensure", ensure<announced_and_not_over>}, {"stop", stop}}}},
};

}  // namespace
}  // namespace lockproof::genie
