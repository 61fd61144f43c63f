// SPDX-License-Identifier: Apache-2.0
// Clocks and waits of programs of somebody else. Time is the run's; what a program waits for is
// there, or it stands before its call.
#include <sys/syscall.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "live/live_world.h"
#include "live/readiness.h"
#include "program/clock_call.h"
#include "program/rest_call.h"

namespace lockproof::live {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMs = 1'000'000;

Sight sleep_of(std::int64_t ns) {
  Call sleeps{.op = Op::kSleep};
  sleeps.size = ns;
  return Matters{sleeps};
}

}  // namespace

std::int64_t LiveWorld::time_by(int clock) const {
  return clock == CLOCK_REALTIME ? now_ns_ + wall_ns_ : now_ns_;
}

// To who has not begun it is still the start of the run, however late its turn comes.
std::int64_t LiveWorld::told_to(const Process& process, int clock) const {
  return told_by(clock, process.acted ? time_by(clock) : 0);
}

ShownTimes LiveWorld::times_for(const Process& process) const {
  return {told_to(process, CLOCK_REALTIME), told_to(process, CLOCK_MONOTONIC),
          told_to(process, CLOCK_BOOTTIME)};
}

LiveWorld::Done LiveWorld::read_clock(Process& process) {
  const std::int64_t now = time_by(process.call.flags);
  const std::int64_t told = told_by(process.call.flags, now);
  put_time(*process.tracee, process.raw, told);
  Done step = pretend(process, result_of_time(process.raw, told));
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
  const auto clock = clock_of({SYS_clock_gettime, {call.arguments[0]}});
  const std::int64_t now = clock ? told_by(*clock, time_by(*clock)) : 0;
  return std::max<std::int64_t>(ns - now, 0);
}

std::optional<Sight> LiveWorld::time_call(Process& process) {
  const KernelCall& call = process.raw;
  if (asks_for_time(call)) {
    const auto clock = clock_of(call);
    // Runtimes with threads look at clocks all the time, in no order of their own.
    if (process.acted && process.threads.empty() && clock) {
      Call reads{.op = Op::kClockGettime};
      reads.flags = *clock;
      return Matters{reads};
    }
    const std::int64_t told = clock ? told_to(process, *clock) : 0;
    put_time(*process.tracee, call, told);
    return Settled{result_of_time(call, told)};
  }
  if (call.number != SYS_clock_nanosleep) return std::nullopt;
  return sleep_of(sleep_asked(process));
}

// Alarms are those of the simulated kernel (sim/time.cc): an alarm is a time of the run, and the
// signal is really sent when a call that waits is to end by it.
LiveWorld::Done LiveWorld::set_alarm(Process& process) {
  const std::int64_t ns = process.call.size;
  if (ns < 0) return pretend(process, -EINVAL);
  if (ns > INT64_MAX / 2) return {refuse(Refusal::kClock), {}};
  Answer answer = done(0);
  if (process.alarm_at > 0) answer.value = std::max<std::int64_t>(process.alarm_at - now_ns_, 1);
  process.alarm_at = ns == 0 ? 0 : (now_ns_ + ns + kMs - 1) / kMs * kMs;
  if (ns > 0 && process.was_alarmed) process.alarm_at = kLateAlarm;
  Done step = pretend(process, tell_alarm(*process.tracee, process.raw, answer));
  step.answer = answer;
  return step;
}

// REQUIRES: it stands before a call that waits
bool LiveWorld::has_alarm(const Process& process) const {
  if (process.alarm_at == kLateAlarm) return process.call.op != Op::kWaitpid;
  return process.alarm_at > 0 && (process.wakes_at == 0 || is_over(process));
}

// Nothing: it has none that could end this wait.
std::optional<LiveWorld::Done> LiveWorld::wait_for_alarm(Process& process) {
  if (process.alarm_at == kLateAlarm && process.call.op != Op::kWaitpid) {
    return Done{refuse(Refusal::kAlarm), {}};
  }
  if (process.alarm_at <= 0) return std::nullopt;
  const std::int64_t own_end = process.wakes_at;
  if (own_end != 0 && own_end < process.alarm_at) return std::nullopt;
  if (!handles(process.host_pid, SIGALRM) || own_end > process.alarm_at) {
    return Done{refuse(Refusal::kAlarm), {}};
  }
  process.wakes_at = process.alarm_at;
  if (!is_over(process)) return stay(process);
  process.alarm_at = 0;
  process.was_alarmed = true;
  send_alarm(process.host_pid);
  return interrupt(process);
}

bool LiveWorld::is_of_ground(const Process& process, int fd) const {
  return process.descriptors.known(fd) || is_on(ground_, process.host_pid, fd);
}

// Calls that wait for something else than a lock or a child: input, or a signal.
std::optional<Sight> LiveWorld::waiting_call(Process& process) {
  const KernelCall& call = process.raw;
  const auto asked = asked_of(*process.tracee, call);
  if (const auto rests = rest_call(call, asked)) {
    if (!process.acted && process.threads.empty()) return unknown(kRestsAtOnce);
    process.hearing->rests(process.host_pid, process.said);
    process.waits_on = true;
    return Matters{*rests};
  }
  if (!asked) return std::nullopt;
  if (looks_for_input(*asked) && !is_of_ground(process, 0)) {
    if (!process.hearing->owns_by_words()) return Passes{};
    return Matters{Call{.op = Op::kHold}};
  }
  if (asked->reads_one && is_of_ground(process, asked->fds.front().fd)) return std::nullopt;
  if (asked->timeout_ns == 0 || is_ready(process, asked->fds)) {
    return asked->reads_one ? std::nullopt : std::optional<Sight>(Passes{});
  }
  if (asked->fds.empty() && asked->timeout_ns > 0) return sleep_of(asked->timeout_ns);
  process.waits_on = true;
  if (asked->timeout_ns > 0) {
    // What comes first is there by then, unless somebody else writes it.
    if (!process.threads.empty()) return sleep_of(asked->timeout_ns);
    return unknown("waits for input for a time");
  }
  return other_call(asked->reads_one ? "read a pipe" : "wait for input");
}

}  // namespace lockproof::live
