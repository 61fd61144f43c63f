// SPDX-License-Identifier: Apache-2.0
// The lock file of an instance: opened so that nothing planted in its place does harm, locked so
// that two processes cannot both be right. The guards are named in solo/instance.h.
#pragma once

#include <variant>

#include "port/sys.h"
#include "solo/fd.h"
#include "solo/name.h"
#include "solo/result.h"
#include "solo/state_dir.h"

namespace solo {

// What an attempt at a lock file comes to, apart from an error.
enum class Attempt {
  kBusy,   // another open file holds the lock
  kAgain,  // the name reaches another file by now: start again
  kFree,   // nobody holds it (look_at_lock only)
};

// The locked file, kBusy, or an error; never kAgain. Creates the file when it is missing. Does not
// block. If the process dies here: an empty lock file, perhaps; the lock itself is gone with it.
std::variant<Fd, Attempt, Error> take_lock(port::Sys& sys, const StateDir& dir, const Name& name);

// kFree, kBusy, or an error, without taking or making anything.
std::variant<Attempt, Error> look_at_lock(port::Sys& sys, const StateDir& dir, const Name& name);

// Ends the lock for every process that has this open file. No part of the protocol, which only ever
// closes: for the harness's build without the guard close_not_unlock.
void unlock(port::Sys& sys, int fd);

}  // namespace solo
