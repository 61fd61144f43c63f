// SPDX-License-Identifier: Apache-2.0
// Deaths by a signal that one process sends to another on purpose.
#pragma once

#include <sys/wait.h>

#include <csignal>
#include <cstdint>

#include "invariants/lives.h"

namespace lockproof {

// The signal that a wait status names, if it is one of those that people and programs use to end
// others; else 0.
inline int deliberate_signal(std::int64_t status) {
  const int raw = static_cast<int>(status);
  if (!WIFSIGNALED(raw)) return 0;
  switch (WTERMSIG(raw)) {
    case SIGTERM:
    case SIGKILL:
    case SIGINT:
    case SIGHUP:
    case SIGQUIT:
      return WTERMSIG(raw);
    default:
      return 0;
  }
}

// It died by a deliberate signal that the history does not say anyone sent.
inline bool signalled_unseen(const LiveLife& life, std::int64_t status) {
  const int signal = deliberate_signal(status);
  return signal != 0 && life.first(signal) == 0;
}

}  // namespace lockproof
