// SPDX-License-Identifier: Apache-2.0
// A Call made through a Sys: what AskingSys turns into data, turned back.
#pragma once

#include "port/sys.h"
#include "program/call.h"

namespace lockproof {

// Does not return from `exit`, and twice from `fork`. What is not of the port (hold, sigaction,
// dup) answers -ENOSYS. Refused: the bytes that were read fit into no Text (kFileSize).
Answer make_call(const Call& call, Texts& texts, solo::port::Sys& sys);

}  // namespace lockproof
