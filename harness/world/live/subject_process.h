// SPDX-License-Identifier: Apache-2.0
// What a process of a run does from its birth on: it waits until it is traced and told which
// program is its own, and runs that, each call of which stops it.
//
// Code of ours runs as it is, over the real kernel. Programs that are known by their answers only
// are gone through call by call, with what the kernel answers.
#pragma once

#include "live/shared_page.h"
#include "world/world.h"

namespace lockproof::live {

// OwnCall::kReady asks for the number of the program in the cast, or kStranger, who waits for ever;
// with another answer it asks again, and says that answer, or the errno that it was, negated.
// Descriptors 0, 1 and 2 are /dev/null, and there are no others; it starts in kHome.
[[noreturn]] void live_as_told(const Start& start, const SharedPage& page);

}  // namespace lockproof::live
