// SPDX-License-Identifier: Apache-2.0
// What the kernel hands to a program that begins, besides its words: made the same in every run.
#pragma once

#include <optional>

#include "trace/clock_page.h"
#include "trace/tracee.h"

namespace lockproof {

// The sixteen random bytes are always these; and there is no vDSO, so that reading a clock is a
// call, but where it is one of ours, which shows these times.
// REQUIRES: it has just been executed.
ClockPage make_image_constant(const StoppedTracee& tracee,
                              const std::optional<ShownTimes>& times = std::nullopt);

}  // namespace lockproof
