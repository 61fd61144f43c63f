// SPDX-License-Identifier: Apache-2.0
// What a choice of a schedule names, in every world and every strategy:
//
//   A..Z     the process of that place goes on: its next step of death, or its pending call
//   a b c    kill, term, stop: alternative = the place of the victim; c.64+place lets a stopped one
//            go on, which costs nothing
//   g        exec_child: alternative = the place of the owner that starts another program
//   h        pid_reuse: alternative = the place of the dead one whose pid a stranger gets
//   i        reboot
//   j        errno: alternative = victim * 16 + place in errnos_of() of its pending call
//   k        clock_step
//   z        the clock goes on to the earliest end of a sleep (TimeMode::kOrdered only)
//
// Faults have the letter of their place in all_faults().
#pragma once

#include <cstdint>

namespace lockproof {

inline constexpr unsigned kFaultKinds = 11;  // of all_faults()
inline constexpr std::uint8_t kFirstFault = 26;
inline constexpr std::uint8_t kClockActor = 51;
inline constexpr std::uint16_t kGoOn = 64;  // stop: alternative of the SIGCONT
inline constexpr std::uint8_t kMaxPlaces = 26;

enum class Letter : std::uint8_t {
  kKill = kFirstFault,
  kTerm,
  kStop,
  kExecChild = kFirstFault + 6,
  kPidReuse,
  kReboot,
  kErrno,
  kClockStep
};

enum class TimeMode : std::uint8_t {
  kAnyTime,  // a timed wait that would wait is one choice: it begins, and time goes on to its end
  kOrdered   // sleeps end in the order of the clock, which is an actor
};

}  // namespace lockproof
