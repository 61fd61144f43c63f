// SPDX-License-Identifier: Apache-2.0
// A process of a live run, as its tracer keeps it: where it stands, what it asks, how far it is in
// dying.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/fd.h"
#include "live/pids.h"
#include "program/alarm_call.h"
#include "program/command.h"
#include "program/descriptors.h"
#include "program/hearing.h"
#include "program/linux_call.h"
#include "program/sight.h"
#include "trace/clock_page.h"
#include "trace/proc.h"
#include "trace/tracee.h"
#include "world/world.h"

namespace lockproof::live {

// Where a thread stands: before this call, which others can notice, or which waits.
struct ThreadStanding {
  StoppedTracee tracee;
  KernelCall entered;  // what it asked, of which `raw` is the newer form
  KernelCall raw;
  Call call;
  bool waits_on = false;
};

// One of several threads. The one of which it is neither is who stands for the process.
struct Thread {
  pid_t tid = 0;
  std::optional<RunningTracee> running;  // or it sleeps until another one wakes it
  std::optional<ThreadStanding> stands;
};

inline constexpr int kInit = -1;  // in place of a parent
// In place of when one comes: it was set after another one had ended a wait (sim/time.cc).
inline constexpr std::int64_t kLateAlarm = -1;

// What it is about to do, and what was found out about it on the way there. Who is copied there is
// the same in all of this.
struct Standing {
  KernelCall raw;
  Call call;
  std::vector<Said> said;  // on the way there
  // Whether a read is one of a signal descriptor, once somebody has looked.
  std::optional<bool> reads_signals;

  // Of a program of somebody else's; its children are, too.
  const Command* command = nullptr;
  unsigned root = 0;   // the place of the cast that it descends from
  KernelCall entered;  // what it asked, of which `raw` is the newer form
  std::optional<Hearing> hearing;
  std::vector<Said> to_say;  // on the way to its next call
  Descriptors descriptors;   // of files that matter
  bool acted = false;        // made a step that is not about itself
  // What it reads clocks by until it acts, and for good if it has threads by then.
  ClockPage clocks;
  bool asked_who_it_is = false;
  bool locks_elsewhere = false;  // may have locks on files of the host
  Disposed disposed;
  Timers timers;
  std::int64_t alarm_at = 0;  // in ns since boot; 0: none is set; kLateAlarm
  bool was_alarmed = false;   // one has ended a wait
  int dies_of = 0;            // a signal that has arrived: before its next call
  std::uint8_t caught = 0;    // whose handlers ran since the last answer: signal_bit()s
  int executes_for = kInit;   // the place of its parent, which waits until it has executed
  bool waits_on = false;      // its call waits for a signal, or for input from no file
};

struct Process : Standing {
  unsigned program = 0;  // its number in the cast, or kStranger
  unsigned space = 0;    // its pid namespace
  int pid = 0;           // in the root one
  pid_t host_pid = 0;    // as this process knows it
  Fd pidfd;
  int parent = kInit;                         // a place
  int group = 0;                              // a pid; 0: init's
  ProcessState state = ProcessState::kReady;  // never kWaiting:
  bool waits = false;                         // inside its call
  bool begun = false;                         // has made a step
  bool was_copied = false;                    // to where it made its first one
  int status = 0;                             // dying or later: how it ends
  bool is_kept = false;                       // a zombie that its tracer has not waited for
  int death_signal = 0;
  std::vector<int> held_signals;  // arrived while it was stopped
  std::int64_t wakes_at = 0;      // the end of the wait that it has begun, in ns since boot
  std::int64_t born_at = 0;       // in ticks
  unsigned random_reads = 0;

  // It stands before its call; in a release too late to make any (dying).
  std::optional<StoppedTracee> tracee;
  bool asked_otherwise = false;  // behind its call: this was made in another form
  std::vector<Thread> threads;   // none: there is only one

  int own() const { return own_pid(space, pid); }  // its pid, to itself
  std::uint64_t looked_at = 0;                     // LiveWorld::changes_, when it was
  bool is_enabled = false;

  bool runs() const { return state == ProcessState::kReady; }
  bool lives() const { return runs() || state == ProcessState::kStopped; }
};

// Makes a call where it stands before another one. Nothing: it has ended meanwhile.
std::optional<std::int64_t> inject_into(Process& process, long number,
                                        std::array<std::uint64_t, 6> arguments, int held_back = 0);

// A descriptor for whoever has that pid now; REQUIRES: a tracee of this process.
Fd pidfd_of(pid_t host_pid);

// That its call is about, as the kernel numbers them. REQUIRES: the call is about one
inline int descriptor_of(const Process& process) {
  return static_cast<int>(process.raw.arguments[0]);
}

}  // namespace lockproof::live
