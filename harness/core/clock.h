// SPDX-License-Identifier: Apache-2.0
// Clock: CLOCK_MONOTONIC by a system call, for std::chrono.
//
// std::chrono::steady_clock reads the time stamp counter, by way of the vDSO; a thread that traces
// may have given that up (trace/no_time_stamps.h), and then each look costs a signal.
#pragma once

#include <chrono>

namespace lockproof {

struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

}  // namespace lockproof
