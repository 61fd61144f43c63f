// SPDX-License-Identifier: Apache-2.0
// What a live run needs of the host, tried out: namespaces, pids that are chosen, seccomp, ptrace.
#pragma once

#include <string>

namespace lockproof::live {

// "": all of it is there. Else what the host forbids, in one sentence.
std::string what_is_lacking();

}  // namespace lockproof::live
