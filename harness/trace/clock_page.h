// SPDX-License-Identifier: Apache-2.0
// ClockPage: a vDSO of our own (vdso(7)), by which a tracee reads clocks without a stop.
//
// It lies where the kernel put its own one, with the same symbols. Its clocks stand where they were
// set; every other function makes the system call, as a clock does that is not shown. A runtime
// with threads reads a clock a thousand times until it does something that others notice, and a
// stop costs as much as ten such calls.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace lockproof {

// What clocks say, in ns.
struct ShownTimes {
  std::int64_t realtime = 0, monotonic = 0, boottime = 0;
  bool operator==(const ShownTimes&) const = default;
};

class ClockPage {
 public:
  ClockPage() = default;  // none: all functions are the kernel's

  // In place of the vDSO that a program which has just been executed has there. None: this kernel's
  // vDSO is not laid out as we know it, or the process is gone; then it is as it was.
  // REQUIRES, as show() and hide(): the caller traces it.
  static ClockPage put(pid_t pid, std::uint64_t vdso, const ShownTimes& times);

  bool is_there() const { return at_ != 0; }

  // From now on; whoever shares or has copied its memory before is not told.
  void show(pid_t pid, const ShownTimes& times);
  // To read a clock is a system call again.
  void hide(pid_t pid);

 private:
  std::uint64_t at_ = 0;  // of what is shown
  std::optional<ShownTimes> shown_;
};

}  // namespace lockproof
