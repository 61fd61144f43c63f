// SPDX-License-Identifier: Apache-2.0
// OneCore: the calling thread on one core, the one where it is now, and so all whom it makes
// meanwhile.
//
// A tracer and its tracees take turns: one waits whenever the other goes on. On two cores each turn
// wakes up one that sleeps, which takes several times as long as the turn itself.
//
// Until its end; the thread then may be where it might be before. Where the host forbids it,
// nothing happens. REQUIRES: ended by the same thread.
#pragma once

#include <sched.h>

namespace lockproof {

class OneCore {
 public:
  explicit OneCore(int core = ::sched_getcpu());
  ~OneCore();
  OneCore(const OneCore&) = delete;
  OneCore& operator=(const OneCore&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

}  // namespace lockproof
