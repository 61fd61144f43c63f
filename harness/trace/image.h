// SPDX-License-Identifier: Apache-2.0
// What the kernel hands to a program that begins, besides its words: made the same in every run.
#pragma once

#include "trace/tracee.h"

namespace lockproof {

// No vDSO, so that reading a clock is a call; and the sixteen random bytes are always these.
// REQUIRES: it has just been executed.
void make_image_constant(const StoppedTracee& tracee);

}  // namespace lockproof
