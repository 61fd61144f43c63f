// SPDX-License-Identifier: Apache-2.0
// Clocks and waits of programs of somebody else. Time is the run's; what a program waits for is
// there, or it stands before its call.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>

#include "live/live_world.h"
#include "live/program_sight.h"
#include "live/readiness.h"

namespace lockproof::live {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMicrosecond = 1'000;
// Of the processor time that it has used, and others that are its own.
constexpr std::int32_t kOwnClock = -1;

std::int32_t clock_of(const KernelCall& call) {
  if (call.number != SYS_clock_gettime) return CLOCK_REALTIME;
  switch (static_cast<clockid_t>(call.arguments[0])) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
      return CLOCK_REALTIME;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
      return CLOCK_MONOTONIC;
    case CLOCK_BOOTTIME:
      return CLOCK_BOOTTIME;
    default:
      return kOwnClock;
  }
}

}  // namespace

std::int64_t LiveWorld::time_by(std::int32_t clock) const {
  if (clock == kOwnClock) return 0;
  return clock == CLOCK_REALTIME ? now_ns_ + wall_ns_ : now_ns_;
}

// The same as the program is told it.
std::int64_t LiveWorld::told_by(std::int32_t clock) const {
  return time_by(clock) + (clock == CLOCK_REALTIME ? kEpochNs : 0);
}

// Into the memory that the call names; what the call returns then.
std::int64_t LiveWorld::put_time(const Process& process) const {
  const KernelCall& call = process.raw;
  const std::int64_t now = told_by(clock_of(call));
  const StoppedTracee& tracee = *process.tracee;
  if (call.number == SYS_time) {
    const time_t seconds = now / kSecond;
    if (call.arguments[0] != 0) tracee.write(call.arguments[0], &seconds, sizeof seconds);
    return seconds;
  }
  if (call.number == SYS_gettimeofday) {
    const timeval value = {now / kSecond, now % kSecond / kMicrosecond};
    if (call.arguments[0] != 0) tracee.write(call.arguments[0], &value, sizeof value);
    return 0;
  }
  const timespec value = {now / kSecond, now % kSecond};
  tracee.write(call.arguments[1], &value, sizeof value);
  return 0;
}

LiveWorld::Done LiveWorld::read_clock(Process& process) {
  const std::int64_t now = time_by(process.call.flags);
  Done step = pretend(process, put_time(process));
  step.answer.result = 0;
  step.answer.value = now;
  return step;
}

// From now on; less than 0: it is not a time.
std::int64_t LiveWorld::sleep_asked(const Process& process) const {
  const KernelCall& call = process.raw;
  timespec time{};
  if (!process.tracee->read(call.arguments[2], &time, sizeof time)) return -1;
  const std::int64_t ns = time.tv_sec * kSecond + time.tv_nsec;
  if ((call.arguments[1] & TIMER_ABSTIME) == 0) return ns;
  KernelCall reads{SYS_clock_gettime, {call.arguments[0]}};
  return std::max<std::int64_t>(ns - told_by(clock_of(reads)), 0);
}

std::optional<LiveWorld::Sight> LiveWorld::time_call(Process& process) {
  const KernelCall& call = process.raw;
  switch (call.number) {
    case SYS_clock_gettime:
    case SYS_gettimeofday:
    case SYS_time:
      process.call = Call{.op = Op::kClockGettime};
      process.call.flags = clock_of(call);
      if (process.begun && process.call.flags != kOwnClock) return Sight::step();
      return Sight::answered(put_time(process));
    case SYS_clock_nanosleep:
      process.call = Call{.op = Op::kSleep};
      process.call.size = sleep_asked(process);
      return Sight::step();
    case SYS_alarm:
      return call.arguments[0] == 0 ? Sight::passes() : Sight::unknown("sets an alarm");
    case SYS_setitimer: {
      struct itimerval timer {};
      process.tracee->read(call.arguments[1], &timer, sizeof timer);
      const bool ends = timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0;
      return ends ? Sight::passes() : Sight::unknown("sets a timer");
    }
    default:
      return std::nullopt;
  }
}

// Calls that wait for something else than a lock or a child: input, or a signal.
std::optional<LiveWorld::Sight> LiveWorld::waiting_call(Process& process) {
  const KernelCall& call = process.raw;
  if (call.number == SYS_rt_sigsuspend || call.number == SYS_pause) {
    process.waits_on = true;
    return other_call(process, call.number == SYS_pause ? "pause" : "sigsuspend");
  }
  const auto asked = asked_of(*process.tracee, call);
  if (!asked) return std::nullopt;
  const bool input_is_its_own = !is_on(ground_, process.host_pid, 0);
  const bool looks_for_input =
      input_is_its_own && std::any_of(asked->fds.begin(), asked->fds.end(),
                                      [](const pollfd& fd) { return fd.fd == 0; });
  if (looks_for_input) {
    if (!owns_by_words(process)) return Sight::passes();
    process.call = Call{.op = Op::kHold};
    return Sight::step();
  }
  if (asked->reads_one && is_on(ground_, process.host_pid, asked->fds.front().fd))
    return std::nullopt;
  if (asked->timeout_ns == 0 || is_ready(process, asked->fds)) {
    return asked->reads_one ? std::nullopt : std::optional(Sight::passes());
  }
  if (asked->fds.empty() && asked->timeout_ns > 0) {
    process.call = Call{.op = Op::kSleep};
    process.call.size = asked->timeout_ns;
    return Sight::step();
  }
  if (asked->timeout_ns > 0) return Sight::unknown("waits for input for a time");
  process.waits_on = true;
  return other_call(process, asked->reads_one ? "read a pipe" : "wait for input");
}

}  // namespace lockproof::live
