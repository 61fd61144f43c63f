// SPDX-License-Identifier: Apache-2.0
#include "trace/one_core.h"

#include <cstddef>

namespace lockproof {

OneCore::OneCore(int core) {
  if (core < 0 || ::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(core), &one);
  pinned_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
}

OneCore::~OneCore() {
  if (pinned_) ::sched_setaffinity(0, sizeof before_, &before_);
}

}  // namespace lockproof
