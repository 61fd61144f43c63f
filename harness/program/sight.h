// SPDX-License-Identifier: Apache-2.0
// What a call of a program of somebody else's is to those who share a run with it, as far as that
// is the same whoever answers the call (docs/LIVE.md).
//
// REQUIRES of all functions: the tracee stands before `call`, or an older form of it
// (newer_form.h).
#pragma once

#include <optional>
#include <variant>

#include "program/linux_call.h"
#include "program/reach.h"

namespace lockproof {

// Somebody else could notice it: it is a step.
struct Matters {
  Call call;
};
// Nobody else can: the kernel makes it.
struct Passes {};
// The same, but not to be made: it returns this, and what it would write is written.
struct Settled {
  std::int64_t result;
};
// What others could notice of it is not known: words that go on from "the program".
using Sight = std::variant<Matters, Passes, Settled, UnknownCall>;
Sight unknown(std::string why);

// Of a call that reaches the ground, or would in a way that is refused. Nothing: it is a step, if
// decode_from() knows it.
std::optional<Sight> sight_on_ground(const Ground& ground, const KernelCall& call,
                                     const Reached& found);
// Of one that is about no file. Nothing: that depends on the world.
std::optional<Sight> sight_of_its_own(const StoppedTracee& tracee, const KernelCall& call);
// Bits of signals (caught.h).
struct Disposed {
  unsigned set = 0;        // that do not do any more what they do by default
  unsigned restarted = 0;  // whose handlers have SA_RESTART
};
// Of a handler that is set.
Sight sight_of_disposition(const StoppedTracee& tracee, const KernelCall& call, Disposed& disposed);

// An exec ends that, which whoever sends the signal notices.
bool handles(pid_t pid, int signal);

// Of an exec that somebody else would notice. One that fails is seen by nobody.
Sight sight_of_exec(const StoppedTracee& tracee, const KernelCall& call, Texts& texts);

// Who it is, and what signals do to it: clocks that are read before anything else was asked pass.
bool is_about_itself(Op op);

// decode(), with names from the ground's directory, wherever the process is; and what another umask
// than 022 takes from the mode of a file that it makes is taken from it already.
std::variant<Call, UnknownCall> decode_from(const Ground& ground, const StoppedTracee& tracee,
                                            const KernelCall& call, Texts& texts);

// Whether a file is made by its umask as by 022, the only one that is modelled, when the mode is
// that of decode_from().
bool is_made_alike(pid_t pid, const Call& call);

// Bytes of chance, which are always these.
Sight give_chance(const StoppedTracee& tracee, std::uint64_t address, std::uint64_t size);

}  // namespace lockproof
