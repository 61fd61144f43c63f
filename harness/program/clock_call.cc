// SPDX-License-Identifier: Apache-2.0
#include "program/clock_call.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "program/command.h"

namespace lockproof {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMicrosecond = 1'000;
// Ten years, which is more than any host's: deadlines by that clock that a program gives to the
// kernel (futex) do not come. If they were past, its threads would go round without end.
constexpr std::int64_t kMonotonicNs = 315'360'000 * kSecond;

template <class T>
bool put(const StoppedTracee& tracee, std::uint64_t address, const T& value) {
  return address == 0 || tracee.write(address, &value, sizeof value);
}

}  // namespace

bool asks_for_time(const KernelCall& call) {
  return call.number == SYS_clock_gettime || call.number == SYS_gettimeofday ||
         call.number == SYS_time;
}

std::optional<int> clock_of(const KernelCall& call) {
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
      return std::nullopt;
  }
}

bool put_time(const StoppedTracee& tracee, const KernelCall& call, std::int64_t told_ns) {
  const timespec time = {told_ns / kSecond, told_ns % kSecond};
  switch (call.number) {
    case SYS_time:
      return put(tracee, call.arguments[0], time.tv_sec);
    case SYS_gettimeofday:
      return put(tracee, call.arguments[0], timeval{time.tv_sec, time.tv_nsec / kMicrosecond});
    default:
      return put(tracee, call.arguments[1], time);
  }
}

std::int64_t result_of_time(const KernelCall& call, std::int64_t told_ns) {
  return call.number == SYS_time ? told_ns / kSecond : 0;
}

std::int64_t told_by(int clock, std::int64_t ns) {
  if (clock == CLOCK_REALTIME) return ns + kEpochNs;
  return clock == CLOCK_MONOTONIC ? ns + kMonotonicNs : ns;
}

}  // namespace lockproof
