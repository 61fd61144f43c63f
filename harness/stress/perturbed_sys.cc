// SPDX-License-Identifier: Apache-2.0
#include "stress/perturbed_sys.h"

#include <sched.h>
#include <time.h>

namespace lockproof {

int PerturbedSys::refuse(const char* /*call*/) {
  const std::uint32_t dice = random_.below(1 << 14);
  long us = 0;
  if (dice < 2) {
    us = 10'000 + random_.below(90'000);  // 1 in 8192
  } else if (dice < 2 + 32) {
    us = 1'000 + random_.below(9'000);  // 1 in 512
  } else if (dice < 2 + 32 + 512) {
    us = 10 + random_.below(500);  // 1 in 32
  } else if (dice < 2 + 32 + 512 + 1024) {
    ::sched_yield();  // 1 in 16
    return 0;
  } else {
    return 0;
  }
  struct timespec pause {};
  pause.tv_nsec = us * 1000;
  ::nanosleep(&pause, nullptr);
  return 0;
}

}  // namespace lockproof
