// SPDX-License-Identifier: Apache-2.0
// Guards by name: SOLO_GUARD(sys, name) stands at each guard's place in the source.
//
// In the library that users get it is `true`, and the compiler leaves nothing of it. The harness
// builds the same sources once more with SOLO_GUARDS_CAN_BE_OFF: there a guard is off for whoever
// calls through a WithoutGuard of that name. So solo minus one guard is a broken lock to be caught,
// without a second copy of the code. What is off is said by the kernel that is called, and by
// nothing global: code under test moves between threads.
#pragma once

#include <cstdint>

#include "port/forward.h"

namespace solo {

enum class Guard : std::uint8_t {
#define SOLO_GUARD_LINE(name, why) name,
#include "guards.def"
#undef SOLO_GUARD_LINE
};

#ifdef SOLO_GUARDS_CAN_BE_OFF

// The kernel behind it, for a solo that has one guard less.
class WithoutGuard final : public port::ForwardSys {
 public:
  // `next` must outlive this.
  WithoutGuard(port::Sys& next, Guard off) : ForwardSys(next), off_(off) {}

  Guard off() const { return off_; }

 private:
  Guard off_;
};

inline bool is_switched_off(const port::Sys& sys, Guard guard) {
  const auto* const without = dynamic_cast<const WithoutGuard*>(&sys);
  return without != nullptr && without->off() == guard;
}

#define SOLO_GUARD(sys, name) (!::solo::is_switched_off((sys), ::solo::Guard::name))

#else

#define SOLO_GUARD(sys, name) ((void)(sys), (void)::solo::Guard::name, true)

#endif

}  // namespace solo
