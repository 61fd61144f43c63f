// SPDX-License-Identifier: Apache-2.0
// A lease: the record says until when its owner owns, and who finds it over takes the place. Read,
// judged and written under a flock on the file itself.
//
// `lease_wall` reckons with the time of day, CLOCK_REALTIME. Wrong: somebody sets the clock, and
// the lease is over while its owner works. `lease_boot` reckons with the time since boot: right as
// far as clocks are concerned. (An owner that sleeps through the end of its lease is another
// question: no clock helps against that.)
#include <ctime>

#include "steps.h"

namespace lockproof::stale {
namespace {

constexpr std::int64_t kLeaseSeconds = 60;

// clock_gettime
template <clockid_t clock>
std::int64_t now(Session& session) {
  timespec time{};
  session.sys().clock_gettime(clock, &time);
  return time.tv_sec;
}

template <clockid_t clock>
bool is_not_over(Session& session, const std::string& record) {
  return now<clock>(session) < std::stoll("0" + field(record, 1));
}

template <clockid_t clock>
std::string from_now_on(Session& session) {
  const std::int64_t end = now<clock>(session) + kLeaseSeconds;
  return std::to_string(session.sys().getpid()) + ":" + std::to_string(end);
}

template <clockid_t clock>
void lease(Session& session) {
  run_judging<is_not_over<clock>, from_now_on<clock>>(session);
}

const BuiltinRegistration registrations[] = {
    {{.name = "stale/lease_wall",
      .summary = "a lease of a minute, by the time of day",
      .verbs = {{"run", lease<CLOCK_REALTIME>}},
      .record = "pid"}},
    {{.name = "stale/lease_boot",
      .summary = "a lease of a minute, by the time since boot",
      .verbs = {{"run", lease<CLOCK_BOOTTIME>}},
      .record = "pid"}},
};

}  // namespace
}  // namespace lockproof::stale
