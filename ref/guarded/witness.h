// SPDX-License-Identifier: Apache-2.0
// Test only: the witnesses of the guards, and what they are given.
//
// A witness drives the library into the one situation that its guard is about, and says whether the
// promise was kept. Each guard of guards.def has one: a guard without a witness does not link.
#pragma once

#include <optional>

#include "src/guard.h"
#include "src/lock_parts.h"
#include "src/testing.h"

namespace solo::testing {

// A directory, the kernel for the library under test, and a hook into it.
struct Scene {
  explicit Scene(std::optional<Guard> off) {
    if (off) without.emplace(relay, *off);
  }
  port::Sys& sys() { return without ? static_cast<port::Sys&>(*without) : relay; }
  ClaimResult claim(const ClaimOptions& options = {}) { return claim_in(sys(), temp, options); }
  // For the library under test, but opened past it.
  StateDir state_dir() const {
    return StateDir::open(port::linux_sys(), temp.state(), StateDir::IfMissing::kFail).value();
  }
  // The library over a kernel of the witness's own.
  template <class Act>
  auto over(port::Sys& kernel, Act act) {
    if (!without) return act(kernel);
    WithoutGuard less(kernel, without->off());
    return act(static_cast<port::Sys&>(less));
  }

  TempDir temp;
  RelaySys relay{port::linux_sys()};
  std::optional<WithoutGuard> without;
};

inline InstanceLock& lock_of(ClaimResult& result) { return *std::get_if<InstanceLock>(&result); }

// A part of the lock file as another process would hold it.
inline Fd hold_part(Scene& scene, Part part, As as) {
  Fd file(port::linux_sys(), ::open(scene.temp.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(take_part(port::linux_sys(), file.get(), part, as), 1);
  return file;
}

using Witness = bool (*)(Scene& scene);

#define SOLO_GUARD_LINE(name, why) bool name(Scene& scene);
#include "src/guards.def"
#undef SOLO_GUARD_LINE

}  // namespace solo::testing
