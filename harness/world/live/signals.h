// SPDX-License-Identifier: Apache-2.0
// The signals whose effects are known (signal(7)).
#pragma once

#include "program/caught.h"

namespace lockproof::live {

constexpr bool is_maskable(int signal) { return signal_bit(signal) != 0; }
constexpr bool is_known(int signal) {
  return is_maskable(signal) || signal == SIGKILL || signal == SIGSTOP || signal == SIGCONT;
}

}  // namespace lockproof::live
