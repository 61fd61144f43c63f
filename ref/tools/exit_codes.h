// SPDX-License-Identifier: Apache-2.0
// What `solo` itself ends with. `run` and `guard` end with their command's status where there was
// one.
#pragma once

namespace solo::tool {

inline constexpr int kDone = 0;
inline constexpr int kUsage = 2;
inline constexpr int kFailed = 4;  // an operating error

// guard: somebody owns, so nothing was done. As for who called it wrongly.
inline constexpr int kRefused = 2;

// status, as the Linux Standard Base has it for init scripts; ensure, when a stop is under way.
inline constexpr int kStopped = 3;
inline constexpr int kUnknownState = 4;

// run, as shells have it.
inline constexpr int kCannotExecute = 126;
inline constexpr int kCommandNotFound = 127;
inline constexpr int kKilledBySignal = 128;  // + the signal

}  // namespace solo::tool
