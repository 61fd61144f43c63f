// SPDX-License-Identifier: Apache-2.0
// The signals whose handlers an answer can name (Answer::caught): those that are modelled and can
// be blocked, a bit each.
#pragma once

#include <csignal>
#include <cstdint>
#include <iterator>

namespace lockproof {

inline constexpr int kMaskable[] = {SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGALRM};

// A result that no program sees (ERESTARTSYS): the call waited, handlers with SA_RESTART ran, and
// the process asks the same again.
inline constexpr std::int64_t kCallIsMadeAgain = -512;

// 0 for a signal without a bit.
constexpr std::uint8_t signal_bit(int signal) {
  for (unsigned i = 0; i < std::size(kMaskable); ++i) {
    if (kMaskable[i] == signal) return static_cast<std::uint8_t>(1u << i);
  }
  return 0;
}

// Of programs of somebody else: those that reach a process unless another one names it. Runtimes
// set the others before they begin, and who sends one of these is refused.
constexpr std::uint8_t told_bit(int signal) {
  const bool told = signal == SIGTERM || signal == SIGCHLD || signal == SIGALRM;
  return told ? signal_bit(signal) : std::uint8_t{0};
}

}  // namespace lockproof
