// SPDX-License-Identifier: Apache-2.0
// What a process does first that is to be traced from its beginning, and how it speaks to its
// tracer then.
#pragma once

#include <string>

#include "trace/call_filter.h"

namespace lockproof {

// Dispositions and masks that were inherited from a command line, or a test, mean nothing here.
void forget_signals();
// Descriptors 0, 1 and 2 are /dev/null, and there are no others.
void open_nothing();

// What the tracer answers; -1 while there is none.
long tell_tracer(OwnCall call, long first = 0, long second = 0, long third = 0);
// Until it is traced. What it is told then (OwnCall::kReady). REQUIRES: a filter is installed.
long wait_for_tracer();
// What it asks next is not known: the tracer ends it then.
[[noreturn]] void be_lost(const std::string& why);

}  // namespace lockproof
