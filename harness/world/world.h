// SPDX-License-Identifier: Apache-2.0
// World: what runs the processes of a scenario, one call at a time. This is the contract, as an
// implementer has to keep it; contract.h tests it. Who goes next is never a world's decision.
//
//  1. reset() gives the start state, whatever was before: the files of the start, and its cast at
//     the first calls, none of which has happened. Equal starts give equal runs: after the same
//     choices, the same pending calls and the same answers.
//  2. A process is a place, 0 to processes() - 1: the cast first, then the strangers of the start,
//     then forked children and strangers in the order of their births. Places are not used again;
//     who is gone stays kGone.
//  3. Between two functions of this interface nothing happens by itself: no process goes on, no
//     time passes, nobody is reaped.
//  4. A call that asks only who one is (getpid) passes with the one before, unless the process has
//     just said that it owns: nobody else could tell when it was. Apart from these, each process
//     that is kReady has exactly one pending call: what its program asks at the node where it is.
//     It is known, and not begun. kWaiting: it has begun, and waits inside the kernel.
//  5. enabled() is exact: perform() then either ends the call or has an effect before it waits. A
//     lock that is held, a wait without a dead child, a read of nothing: not enabled. It changes
//     nothing.
//  6. perform() does the whole of one call of one process, and nothing of any other. kDone: the
//     process has reached its next call, or its end. kWaits: see 4. kRefused: the world does not
//     know what Linux would answer, or the program not what it asks next; refusal() says which, the
//     run is over, and can only be reset() or restored.
//  7. Death takes steps, each one a choice: kDying -> its files closed, its locks free (kReleased)
//     -> kZombie, its children handed on -> kGone, when its parent waits for it, or by a last step
//     when its parent is init. step_death() takes the next one; can_step_death() says if there is
//     one. A world that cannot hold the kernel at one of them takes several at once, and says so by
//     steps_of_death().
//  8. inject() places a fault between two calls. Faults that are signals have the effect of kill(2)
//     from outside. A fault that cannot be done is refused, by false, and changes nothing.
//  9. Time is virtual: sleeps and time-outs end only by Fault::kTime, never by waiting.
// 10. A world that can_restore() gives back any snapshot any number of times; afterwards all goes
//     on as it went on from there. Snapshots of another world or an earlier reset() are a defect of
//     the caller. A world that cannot is reset and driven again.
// 11. Nothing outlives a world: no process, no file.
//
// Not thread-safe. Nothing here fails but by what is said above; host trouble is make_*'s to
// report.
#pragma once

#include <optional>

#include "program/program.h"

namespace lockproof {

struct StartFile {
  std::string name;  // in the directory that the processes start in
  std::string content;
};

// Nothing here is owned: texts and programs outlive the run. Several processes may share a program.
struct Start {
  Texts* texts = nullptr;  // of all programs
  std::vector<Program*> cast;
  std::vector<StartFile> files;
  // The pids of processes that are there from the beginning and never do anything: strangers, to
  // whom the pid of somebody who has ended was given.
  std::vector<int> strangers{};
  // Since boot, at the beginning. Not 0: a process that ended before has read a clock.
  std::int64_t uptime_ns = 0;
  // So many of the cast, the first ones, are brought to ready one after the other before a run
  // begins: until they say that they own, or have ended. By whoever drives the world.
  unsigned setup = 0;
  // Somebody looks at how far others are in dying (/proc/PID/stat): no step of a death passes
  // unnoticed.
  bool deaths_are_seen = false;
  // By place of the cast: its pid namespace, 0 the root one, 1 to 3 below it. "" or shorter: 0.
  std::vector<unsigned> namespaces{};
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
  kSignal,     // to `process`; value: the signal
  kReusePid,   // the next fork gets the pid `value` of a process that is gone
  kTime,       // time goes on, only forward, to when the sleep or time-out of `process` ends
  kWallClock,  // the wall clock is set on by `value` ns (or back)
  kErrno,   // the pending call of `process`, which is enabled, fails with `value`, without effect
            // (but for what it had when it began to wait)
  kReboot,  // whoever made a step is gone at once, as are locks and clocks; files stay, and who
            // of the cast made none starts after it, in the order of places
  kExecChild,  // `process` forks a child that executes another program, which never does anything;
               // it becomes the next place
  kStranger    // a process that never does anything is born with the pid `value` of one that is
               // gone; it becomes the next place
};

class World {
 public:
  virtual ~World() = default;

  virtual std::string_view name() const = 0;
  // Where the processes start; absolute, the same in every run.
  virtual std::string_view directory() const = 0;

  // Fails on a start that cannot be had (a file that cannot be made, too many processes), by rule 1
  // never for another reason. kEnvironment: this world, or this host, lacks what it names.
  virtual Result<> reset(const Start& start) = 0;

  virtual unsigned processes() const = 0;
  // REQUIRES of all that follow: process < processes()
  virtual ProcessState state(unsigned process) const = 0;
  // All pids here are those of the root pid namespace. Also of those that are gone.
  virtual int pid(unsigned process) const = 0;
  // What it calls itself, in its own namespace: getpid.
  virtual int own_pid(unsigned process) const = 0;
  // Whom it means by a pid; 0: nobody in its namespace.
  virtual std::int64_t meant_by(unsigned process, std::int64_t pid) const = 0;
  // REQUIRES: kDying or later. As waitpid(2) says it; of a reboot: SIGKILL.
  virtual int wait_status(unsigned process) const = 0;
  // REQUIRES: kReady or kWaiting. The texts are those of the start.
  virtual const Call& pending(unsigned process) const = 0;
  // What it said on the way to the call where it is, or was. Valid until the next perform().
  virtual std::span<const Said> said(unsigned process) const = 0;
  virtual const Texts& texts() const = 0;

  virtual bool enabled(unsigned process) = 0;
  // REQUIRES: enabled(process)
  virtual Answer perform(unsigned process) = 0;
  // REQUIRES: the last perform() was kRefused. One sentence: which process, which call, why.
  virtual std::string refusal() const = 0;

  virtual unsigned steps_of_death() const = 0;  // from kDying to kZombie: 1 or 2
  virtual bool can_step_death(unsigned process) const = 0;
  // REQUIRES of both: can_step_death(process)
  virtual void step_death(unsigned process) = 0;
  // That step makes no difference to any other process, now or later.
  virtual bool death_is_unnoticed(unsigned process) const = 0;

  // Whether a stranger can be born with it: somebody had it since the last boot, and nobody has.
  virtual bool pid_is_free(int pid) const = 0;
  virtual bool inject(Fault fault, unsigned process, std::int64_t value) = 0;
  // When the sleep or time-out ends that `process` has begun, in ns since boot; 0: there is none.
  virtual std::int64_t wakes_at(unsigned process) const = 0;

  // An outsider's look at a regular file, by its path from directory(). Nothing: there is none.
  // `inode` tells it from another one that has the name later, also with the same content.
  struct File {
    std::uint64_t inode = 0;
    std::string content;
    bool operator==(const File&) const = default;
  };
  virtual std::optional<File> file(std::string_view path) const = 0;

  // Whether a lock is held on the file that a path names, as /proc/locks would say it.
  enum class Locked : std::uint8_t {
    kNo,
    kYes,
    kOrphan
  };  // kOrphan: only on a file without a name
  virtual Locked locked(std::string_view path) const = 0;

  using Snapshot = std::size_t;
  virtual bool can_restore() const = 0;
  // REQUIRES: can_restore()
  virtual Snapshot snapshot() = 0;
  virtual void restore(Snapshot snapshot) = 0;
  // Lets go of this one and of those that were taken after it.
  virtual void drop(Snapshot snapshot) = 0;
};

}  // namespace lockproof
