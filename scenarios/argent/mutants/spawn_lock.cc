// SPDX-License-Identifier: Apache-2.0
// The lock that lets one start the server, made with O_EXCL, with its holder's pid in it.
//
// `stale_lock_twice`: A and B find the lock of a dead holder; B unlinks it and makes its own; A
// unlinks that, and both start a server (AR1). `unreadable_times_out`: A is killed before it wrote
// its pid; nobody dares to remove that, all wait, and when the time is up go on without a lock
// (AR2). `slow_holder_times_out`: the same because A is slow, or stopped (AR3, A-R4).
// `old_lock_is_stale`: A's lock is removed because it is older than a minute; A is slow, too, and
// lives (AR3).
#include "../steps.h"

namespace lockproof::argent {
namespace {

constexpr std::int64_t kPauseNs = 100'000'000;
constexpr std::int64_t kLongNs = 60'000'000'000;

// The lock, or whom it names.
bool made_or_named(Session& session, std::int64_t& holder) {
  if (make_lock(session)) return true;
  holder = recorded_pid(session, "spawn.lock");
  return false;
}

Got steal_from_the_dead(Session& session) {
  std::int64_t holder = 0;
  if (made_or_named(session, holder)) return Got::kLock;
  if (!has_ended(session, holder)) return Got::kNothing;
  remove_name(session, "spawn.lock");
  return make_lock(session) ? Got::kLock : Got::kNothing;
}

Got wait_for_its_pid(Session& session) {
  std::int64_t holder = 0;
  if (made_or_named(session, holder)) return Got::kLock;
  if (holder != seen::kEmpty) return Got::kNothing;
  session.sys().sleep(kLongNs);
  if (made_or_named(session, holder)) return Got::kLock;
  return holder == seen::kEmpty ? Got::kGoesOnWithout : Got::kNothing;
}

Got wait_for_its_holder(Session& session) {
  if (make_lock(session)) return Got::kLock;
  session.sys().sleep(kPauseNs);
  return make_lock(session) ? Got::kLock : Got::kGoesOnWithout;
}

// clock_gettime
std::int64_t seconds_since_boot(Session& session) {
  struct timespec now {};
  session.sys().clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

// getpid, clock_gettime, open; if the file is new: write, close
bool make_dated_lock(Session& session) {
  const std::string self = std::to_string(session.sys().getpid()) + ":";
  const std::string dated = self + std::to_string(seconds_since_boot(session));
  const int fd = open_file(session, "spawn.lock", O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return false;
  session.sys().write(fd, dated.data(), dated.size());
  session.sys().close(fd);
  return true;
}

Got take_from_the_old(Session& session) {
  if (make_dated_lock(session)) return Got::kLock;
  session.sys().sleep(kLongNs);
  const std::string date = field(text_of(session, path_of(session, "spawn.lock")), 1);
  if (date.empty() || std::stol(date) + 45 > seconds_since_boot(session)) return Got::kNothing;
  remove_name(session, "spawn.lock");
  return make_dated_lock(session) ? Got::kLock : Got::kNothing;
}

const BuiltinRegistration registrations[] = {
    {{.name = "argent/stale_lock_twice",
      .summary = "two remove the same stale lock, the second time it is a new one",
      .verbs = {{"run", run_spawning<steal_from_the_dead>}, {"status", status}},
      .record = "state"}},
    {{.name = "argent/unreadable_times_out",
      .summary = "who waits in vain for the pid in a lock goes on without",
      .verbs = {{"run", run_spawning<wait_for_its_pid>}, {"status", status}},
      .record = "state"}},
    {{.name = "argent/slow_holder_times_out",
      .summary = "who waits in vain for a lock goes on without",
      .verbs = {{"run", run_spawning<wait_for_its_holder>}, {"status", status}},
      .record = "state"}},
    {{.name = "argent/old_lock_is_stale",
      .summary = "a lock is removed for its age",
      .verbs = {{"run", run_spawning<take_from_the_old>}, {"status", status}},
      .record = "state"}},
};

}  // namespace
}  // namespace lockproof::argent
