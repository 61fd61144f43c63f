// SPDX-License-Identifier: Apache-2.0
// Watch: ends a process that does not come to its next call. A program of somebody else may compute
// for ever, or wait for what nobody gives it, and whoever waits for it could not go on.
//
// One thread of its own, which sleeps, allocates nothing, and ends with the watch. It kills by a
// pidfd, whoever it is that stands behind it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "core/clock.h"

namespace lockproof::live {

class Watch {
 public:
  Watch();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // From here to end() the process is given so much time, and up to two looks of the thread more.
  // One at a time. The pidfd stays open.
  void begin(int pidfd, std::chrono::milliseconds patience);
  // True: it took longer, and was killed.
  bool end();

 private:
  void keep();

  std::mutex mutex_;
  std::condition_variable told_;
  int pidfd_ = -1;
  std::chrono::milliseconds patience_{};
  std::optional<Clock::time_point> deadline_;  // since the thread has looked
  bool killed_ = false;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace lockproof::live
