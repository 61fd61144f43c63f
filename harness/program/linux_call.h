// SPDX-License-Identifier: Apache-2.0
// A call of Linux as a Call, and what Linux answered as an Answer: the one place where registers
// and memory of a tracee become data, for whoever lets it go on.
//
// Addresses are left behind: two processes that ask the same ask an equal Call. Two forms of a call
// that mean the same are one (fstat is newfstatat of nothing). What a Call cannot say is unknown,
// by name, and never taken for something like it.
#pragma once

#include <string>
#include <variant>

#include "core/error_code.h"
#include "program/call.h"
#include "trace/tracee.h"

namespace lockproof {

struct UnknownCall {
  std::string why;  // "calls statx (332)"
  ErrorCode code = ErrorCode::kRefused;
};

// REQUIRES: the tracee stands before a call.
std::variant<Call, UnknownCall> decode(const StoppedTracee& tracee, Texts& texts);

// REQUIRES: the tracee stands behind `asked`, which was decoded to `call`. Refused: an answer that
// does not fit (kFileSize).
Answer answer_of(const Call& call, const KernelCall& asked, const StoppedTracee& tracee,
                 Texts& texts);

// The same of a read of a signal descriptor.
Answer signal_of(const KernelCall& asked, const StoppedTracee& tracee);

}  // namespace lockproof
