// SPDX-License-Identifier: Apache-2.0
// Pupil: a real process of a program of somebody else's, from which it is learned what the program
// asks next. It stands before a call that matters, is told an answer, and goes on to the next one.
// None of these calls is made: files of the run are not there, but for an empty one behind each
// descriptor.
//
// It is a tracee in namespaces of its own (mount, network, and user for ordinary users): all that
// it sees of the host is read-only to it. It ends with this object, and with the caller.
//
// For the thread that made it. Blocks while the program computes: at most kMostSeconds of processor
// time between two calls that matter, then it is an error.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core/fd.h"
#include "learned/gate.h"
#include "program/command.h"
#include "program/hearing.h"
#include "trace/likeness.h"
#include "trace/proc.h"

namespace lockproof {

class Pupil {
 public:
  // `command` and `texts` outlive it. Errors: kUsage, the program cannot be executed;
  // kEnvironment, it makes a call that is not known, or the host forbids what is needed.
  static Result<Pupil> begin(const Command& command, Texts& texts);
  Pupil(Pupil&&) = default;
  Pupil& operator=(Pupil&&) = delete;
  ~Pupil();

  const Call& call() const { return call_; }
  const std::vector<Said>& said() const { return said_; }

  // One that stands where this one stands. Nothing: the host has no room for it; then this one has
  // ended, too.
  std::optional<Pupil> copy();
  // How many copies were made on the way from the first one to this one.
  unsigned generation() const { return generation_; }

  // Two that have the same do the same from here on, and have said the same of where they are.
  // Nothing: it cannot be known. The same for all that have ended in the same way.
  std::optional<Likeness> likeness() const;

  // To its next call. `kWaits` is no answer. Errors: as begin(); it has ended then.
  Result<> answer(const Answer& answer);

 private:
  Pupil(const Command& command, Texts& texts, Ground ground)
      : command_(&command), texts_(&texts), gate_(std::move(ground), false), hearing_(command) {}
  Pupil(const Pupil& other, StoppedTracee tracee);

  Result<> arrive(RunningTracee running);
  Result<RunningTracee> get_signal(GetsSignal gets);
  void note(const Said& word);
  // Nothing: it stands before a call that matters.
  Result<std::optional<RunningTracee>> meet(StoppedTracee tracee);
  Result<std::optional<RunningTracee>> own_call(StoppedTracee tracee);
  Result<RunningTracee> go_on(const Answer& answer);
  Result<RunningTracee> open(const Answer& answer);
  Result<RunningTracee> change_descriptors(const Answer& answer);
  Result<RunningTracee> fork(const Answer& answer);
  Result<RunningTracee> execute();
  Result<RunningTracee> give_up(const Answer& answer);
  // Makes it, and stands behind it. False: it has ended.
  bool make(const KernelCall& call);
  Result<RunningTracee> leave(const Answer& answer);
  Result<RunningTracee> proceed(const Answer& answer);

  const Command* command_;
  Texts* texts_;
  Gate gate_;
  unsigned generation_ = 0;
  bool begun_ = false;  // it was told an answer that is not about itself
  Hearing hearing_;

  std::unique_ptr<StoppedTracee> tracee_;  // none: it runs, or has ended
  KernelCall entered_;                     // as the program made it
  KernelCall raw_;                         // its newer form
  Call call_;
  std::vector<Said> said_;
  std::vector<Said> to_say_;
  Offsets offsets_;                   // here, whatever its copies have read since
  std::array<unsigned, 2> spoken_{};  // a bit for each kind of word so far, and the last attempt
};

}  // namespace lockproof
