// SPDX-License-Identifier: Apache-2.0
// The signals that are modelled (signal(7)). Each of those that can be blocked has a bit; KILL,
// STOP and CONT have none.
#pragma once

#include <csignal>
#include <cstdint>
#include <iterator>

namespace lockproof::sim {

inline constexpr int kMaskable[] = {SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD};

// 0 for a signal without a bit.
constexpr std::uint8_t signal_bit(int signal) {
  for (unsigned i = 0; i < std::size(kMaskable); ++i) {
    if (kMaskable[i] == signal) return static_cast<std::uint8_t>(1u << i);
  }
  return 0;
}
constexpr bool is_modelled(int signal) {
  return signal == SIGKILL || signal == SIGSTOP || signal == SIGCONT || signal_bit(signal) != 0;
}

}  // namespace lockproof::sim
