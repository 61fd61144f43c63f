// SPDX-License-Identifier: Apache-2.0
// Who acts in a step, as reduced explorations see it (dpor.h, optimal.h).
#pragma once

#include <string>

#include "core/schedule.h"
#include "program/call.h"
#include "world/choices.h"

namespace lockproof {

// A process, the clock, or a fault that has no victim. Below 52.
using Actor = std::uint8_t;

inline bool is_fault(Choice choice) {
  return choice.actor >= kFirstFault && choice.actor != kClockActor;
}

// A fault is a step of its victim (adr 0006).
Actor actor_of(Choice choice);

// Whether the call may have waited for somebody else before it came to its end.
bool may_wait(Op op);

// Whether the claim reads who owns, the record and who did what to it, and nothing else across
// lives. For others the order of all events counts.
bool is_about_owners(const std::string& claim);

}  // namespace lockproof
