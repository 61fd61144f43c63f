// SPDX-License-Identifier: Apache-2.0
// Whether an open file is one that we made: said once, for the lock file and the record.
#pragma once

#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

// The flags of an open that neither follows a link, nor waits at a FIFO, nor takes a terminal
// (guards no_follow, never_waits). Never O_TRUNC: nothing is known of the file yet.
int open_safely(port::Sys& sys);

// Guards regular_file, single_link and own_file. `info` is the fstat of an open descriptor, never
// of a name. A link count of 0 passes: that file was replaced meanwhile, which is no attack.
MaybeError check_plain_file(port::Sys& sys, const struct stat& info, const StateDir& dir,
                            std::string_view file);

}  // namespace solo
