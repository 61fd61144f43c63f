// SPDX-License-Identifier: Apache-2.0
// Time takes a lock away from an owner that lives.
//
// `wall_clock_identity`: an owner is known by its start time as the calendar has it; the clock is
// set, and it is another one (wild 18). `lease_runs_out`: a lock is good for a minute; its owner is
// stopped for longer, and acts on it when it goes on.
#include "../steps.h"

namespace lockproof::wild {
namespace {

// clock_gettime
std::int64_t seconds(Session& session, clockid_t clock) {
  struct timespec now {};
  session.sys().clock_gettime(clock, &now);
  return now.tv_sec;
}

// clock_gettime, clock_gettime, open, read, close: in the calendar's seconds
std::string calendar_start(Session& session, std::string_view process) {
  constexpr std::int64_t kTicks = 100;
  const std::string ticks = start_time(session, process);
  if (ticks.empty()) return "";
  const std::int64_t wall = seconds(session, CLOCK_REALTIME);
  return std::to_string(wall - seconds(session, CLOCK_BOOTTIME) + std::stol(ticks) / kTicks);
}

bool started_then(Session& session, const std::string& record) {
  return calendar_start(session, field(record, 0)) == field(record, 1);
}

std::string own_calendar_start(Session& session) {
  const std::string pid = std::to_string(session.sys().getpid()) + ":";
  return pid + calendar_start(session, "self");
}

constexpr std::int64_t kLease = 60;

// flock, pread, clock_gettime; if the lease that stands there is over: ftruncate, write; flock
bool take_lease(Session& session, int fd) {
  auto& sys = session.sys();
  sys.flock(fd, LOCK_EX);
  const std::string end = field(record_of(session, fd), 1);
  const std::int64_t now = seconds(session, CLOCK_BOOTTIME);
  const bool over = end.empty() || now >= std::stol(end);
  if (over) {
    const std::string lease = std::to_string(sys.getpid()) + ":" + std::to_string(now + kLease);
    sys.ftruncate(fd, 0);
    sys.write(fd, lease.data(), lease.size());
  }
  sys.flock(fd, LOCK_UN);
  return over;
}

void run_leasing(Session& session) {
  auto& sys = session.sys();
  session.claims();
  const int fd = open_file(session, "lease", O_RDWR | O_CREAT);
  if (fd < 0) return session.failed("open");
  bool mine = take_lease(session, fd);
  if (!mine) {
    sys.sleep(kLease * 1'000'000'000);
    mine = take_lease(session, fd);
  }
  if (!mine) return lose(session, fd);
  own_and_close(session, fd);
}

const BuiltinRegistration registrations[] = {
    {{.name = "wild/wall_clock_identity",
      .summary = "an owner is another one after the clock was set",
      .verbs = {{"run", run_judging<started_then, own_calendar_start>}},
      .record = "pid"}},
    {{.name = "wild/lease_runs_out",
      .summary = "an owner that is stopped for long loses its lease, and goes on",
      .verbs = {{"run", run_leasing}},
      .record = "lease"}},
};

}  // namespace
}  // namespace lockproof::wild
