// SPDX-License-Identifier: Apache-2.0
// SIGALRM after a time: alarm(2), setitimer(2) of ITIMER_REAL, and one timer of timer_create(2). To
// every world it is one call, `alarm`, that says after how many nanoseconds; 0: never. No timer of
// the kernel runs for it: when it ends a wait is a choice of the schedule.
#pragma once

#include "program/sight.h"

namespace lockproof {

// What a process has of it. A child has none, another program only the first.
struct Timers {
  bool of_alarm = false;  // an alarm or ITIMER_REAL was set
  bool made = false;      // by timer_create
};

// Nothing: it is about no alarm.
std::optional<Sight> sight_of_alarm(const StoppedTracee& tracee, const KernelCall& call,
                                    Timers& timers);
// What its caller is told: 0 or more, or a negated errno. REQUIRES: before it, or behind one
std::int64_t tell_alarm(const StoppedTracee& tracee, const KernelCall& asked, const Answer& answer);

// As the kernel sends it when a timer ends. REQUIRES: a tracee of the caller, which is stopped
void send_alarm(pid_t pid);

}  // namespace lockproof
