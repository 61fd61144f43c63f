// SPDX-License-Identifier: Apache-2.0
// Gate: which calls of a program of somebody else's are asked of a world, and which pass.
//
// What matters: files of the ground (program/reach.h), processes, signals, time. What passes is
// about anything else: memory, libraries, locales. What would be another thing in the next run is
// settled here, always the same. All else is unknown, and named.
//
// A process has one, a copy of a process a copy. Calls that matter come out with the world's
// numbers of descriptors (program/descriptors.h), and with names from the ground's directory.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "program/alarm_call.h"
#include "program/descriptors.h"
#include "program/sight.h"

namespace lockproof {

class Gate {
 public:
  // `launches`: as Hearing says of the program. What it executes may have children of its own, and
  // their deaths are no news to it.
  Gate(Ground ground, bool launches) : ground_(std::move(ground)), launches_(launches) {}

  // REQUIRES: the tracee stands before `call`, which is in its newer form (newer_form.h).
  Sight look(const StoppedTracee& tracee, const KernelCall& call, Texts& texts);

  Descriptors& descriptors() { return descriptors_; }
  const Descriptors& descriptors() const { return descriptors_; }
  // It is its own child now.
  void is_child() { timers_ = {}; }
  // It runs another program now.
  void executed(pid_t pid);
  // All that it keeps of the process and that cannot be seen in it, as bytes to compare.
  std::string state() const;
  // It was told what a clock says.
  void told_time(const Call& call, const Answer& answer);

 private:
  Sight elsewhere(const StoppedTracee& tracee, const KernelCall& call, const Reached& found) const;
  Sight decoded(const StoppedTracee& tracee, const KernelCall& call, Texts& texts) const;
  Sight other(const StoppedTracee& tracee, const KernelCall& call, Texts& texts);
  std::optional<Sight> time(const StoppedTracee& tracee, const KernelCall& call) const;
  Sight set_disposition(const StoppedTracee& tracee, const KernelCall& call);
  bool exec_is_noticed(pid_t pid) const;

  Ground ground_;
  bool launches_;
  std::int64_t told_ns_ = 0;  // by CLOCK_MONOTONIC
  Disposed disposed_;
  Timers timers_;
  bool leads_ = false;  // it wanted a session of its own
  // What it has set, as the kernel has it and shows it to nobody.
  std::map<int, std::string> handlers_;
  std::string handler_stack_;
  Descriptors descriptors_;
};

}  // namespace lockproof
