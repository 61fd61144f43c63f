// SPDX-License-Identifier: Apache-2.0
// The signals that are modelled (signal(7)). Each of those that can be blocked has a bit; KILL,
// STOP and CONT have none.
#pragma once

#include "program/caught.h"

namespace lockproof::sim {

constexpr bool is_modelled(int signal) {
  return signal == SIGKILL || signal == SIGSTOP || signal == SIGCONT || signal_bit(signal) != 0;
}

}  // namespace lockproof::sim
