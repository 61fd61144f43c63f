// SPDX-License-Identifier: Apache-2.0
// An Answer given to a real process: what Linux would have written into its memory, and the result.
// The inverse of answer_of() (program/linux_call.h).
#pragma once

#include "program/call.h"
#include "trace/tracee.h"

namespace lockproof {

// Writes what `answer` says where `asked`, which was decoded to `call`, wants it. What a Call does
// not know of (times, the device, blocks) is always the same. False: there is no such place in its
// memory. REQUIRES: the tracee stands before `asked`, or an older form of it.
bool write_answer(const StoppedTracee& tracee, const KernelCall& asked, const Call& call,
                  const Answer& answer, const Texts& texts);

}  // namespace lockproof
