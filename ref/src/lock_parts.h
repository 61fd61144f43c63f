// SPDX-License-Identifier: Apache-2.0
// The parts of a lock file: bytes that are locked apart (F_OFD_SETLK), though none is ever written.
//
// All that processes must know of each other while they live is a lock on one of them. So there is
// one file to be sure of, and nothing to be cleared, to expire or to be misread: a lock ends with
// the process that holds it, whatever it dies of.
#pragma once

#include <fcntl.h>

#include <cstdint>

#include "port/sys.h"

namespace solo {

enum class Part : std::uint8_t {
  kOwner,      // write: owns
  kLauncher,   // write: is starting an instance
  kStop,       // read: a stop is under way. Several at once
  kDisown,     // read: asks the owner to give up before it drains. Several at once
  kReady,      // write, by the owner: it is ready. Read, by a launcher: it never will be
  kPublished,  // write, by the owner: the record is its own
};

enum class As : short { kReader = F_RDLCK, kWriter = F_WRLCK };

// 1: taken; 0: another open file is in the way (busy); else the negated errno. Never blocks.
int take_part(port::Sys& sys, int fd, Part part, As as);

// 1: another open file is in the way of taking it; 0: none is; else the negated errno. Takes
// nothing, and needs a descriptor that is open for anything.
int part_is_held(port::Sys& sys, int fd, Part part, As as);

// Lets go of it: for who holds a part as a reader for a while, and other parts longer.
void drop_part(port::Sys& sys, int fd, Part part);

// Ends all locks of the open file, for every process that has it. No part of the protocol, which
// only ever closes: for the harness's build without the guard close_not_unlock.
void unlock(port::Sys& sys, int fd);

}  // namespace solo
