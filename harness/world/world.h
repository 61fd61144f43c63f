// SPDX-License-Identifier: Apache-2.0
// World: what runs the processes of a scenario, one call at a time. This is the contract, as an
// implementer has to keep it; contract.h tests it. Who goes next is never a world's decision.
//
//  1. reset() gives the start state, whatever was before: the files of the start, and its processes
//     at their first call, none of which has happened. Equal starts give equal runs: after the same
//     choices, the same pending calls and the same answers.
//  2. A process is a place, 0 to processes() - 1: those of the start first, then forked children in
//     the order of the forks. Places are not used again; a process that is gone stays kGone.
//  3. Between two functions of this interface nothing happens by itself: no process goes on, no
//  time
//     passes, nobody is reaped.
//  4. Each process that is kReady has exactly one pending call: known, and not begun. kWaiting: it
//     has begun, and waits inside the kernel. pending() of both is that call.
//  5. enabled() is exact: perform() then either ends the call or has an effect before it waits. A
//     lock that is held, a wait without a dead child, a read of nothing: not enabled. It changes
//     nothing.
//  6. perform() does the whole of one call of one process, and nothing of any other. kDone: the
//     process has reached its next call, or its end. kWaits: see 4. kRefused: the world does not
//     know what Linux would answer; the run is over, and can only be reset() or restored.
//  7. Death takes steps, each one a choice: kDying -> its files closed, its locks free (kReleased)
//     -> kZombie, its children handed on -> kGone, when its parent waits for it, or by a last step
//     when its parent is init. step_death() takes the next one; can_step_death() says if there is
//     one. A world that cannot hold the kernel at one of them takes several at once, and says so by
//     steps_of_death().
//  8. inject() places a fault between two calls. Faults that are signals have the effect of kill(2)
//     from outside. A fault that the world cannot do is refused, by false, and changes nothing.
//  9. Time is virtual: sleeps and time-outs end only by Fault::kTime, never by waiting.
// 10. A world that can_restore() gives back any snapshot any number of times; afterwards all goes
// on
//     as it went on from there. Snapshots of another world or an earlier reset() are a defect of
//     the caller. A world that cannot is reset and driven again.
// 11. Nothing outlives a world: no process, no file.
//
// Not thread-safe. Nothing here fails but by what is said above; host trouble is make_*'s to
// report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "program/call.h"

namespace lockproof {

// What a process asks, in order, whatever it is answered; then it exits with 0. A forked child goes
// on with what comes after the fork; an exec goes on with what comes after it.
using Script = std::vector<std::string>;  // lines of parse_call()

struct StartFile {
  std::string name;  // in the directory that the processes start in
  std::string content;
};

struct Start {
  std::vector<Script> scripts;
  std::vector<StartFile> files;
};

enum class ProcessState : std::uint8_t {
  kReady,
  kWaiting,
  kStopped,
  kDying,
  kReleased,
  kZombie,
  kGone
};

enum class Fault : std::uint8_t {
  kSignal,    // to `process`; value: the signal
  kReusePid,  // the next fork gets the pid `value` of a process that is gone
  kTime,      // time goes on to the next end of a sleep or time-out
  kWallClock  // the wall clock is set on by `value` ns (or back)
};

class World {
 public:
  virtual ~World() = default;

  virtual std::string_view name() const = 0;

  // Fails on a start that cannot be had (a line that is no call, too many processes), by rule 1
  // never for another reason.
  virtual Result<> reset(const Start& start) = 0;

  virtual unsigned processes() const = 0;
  // REQUIRES of all that follow: process < processes()
  virtual ProcessState state(unsigned process) const = 0;
  virtual int pid(unsigned process) const = 0;  // also of those that are gone
  // REQUIRES: kReady or kWaiting. The texts are in texts().
  virtual const Call& pending(unsigned process) const = 0;
  virtual const Texts& texts() const = 0;

  virtual bool enabled(unsigned process) = 0;
  // REQUIRES: enabled(process)
  virtual Answer perform(unsigned process) = 0;

  virtual unsigned steps_of_death() const = 0;  // from kDying to kZombie: 1 or 2
  virtual bool can_step_death(unsigned process) const = 0;
  // REQUIRES: can_step_death(process)
  virtual void step_death(unsigned process) = 0;

  virtual bool inject(Fault fault, unsigned process, std::int64_t value) = 0;

  using Snapshot = std::size_t;
  virtual bool can_restore() const = 0;
  // REQUIRES: can_restore()
  virtual Snapshot snapshot() = 0;
  virtual void restore(Snapshot snapshot) = 0;
};

}  // namespace lockproof
