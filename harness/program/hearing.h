// SPDX-License-Identifier: Apache-2.0
// Hearing: what one process of a command says, by the words that it prints and by how it ends
// (Command). For whoever stands at its calls.
//
// Copied with the process that it listens to; a child has the same one, of which is_child() was
// said: it speaks for nobody.
#pragma once

#include <string>
#include <vector>

#include "program/command.h"
#include "trace/tracee.h"

namespace lockproof {

class Hearing {
 public:
  explicit Hearing(const Command& command) : command_(&command) {}

  // Before its first call.
  void begins(std::vector<Said>& said) const;
  // At a write or a writev to anything but a file of the run. Appends what is said by it. What is
  // wrong with that, in words that go on from "the program"; "": nothing.
  std::string write(const StoppedTracee& tracee, const KernelCall& call, std::vector<Said>& said);
  // The helper has said that it owns (OwnCall::kOwner).
  void owner(std::vector<Said>& said);
  // It has come to rest (rest_call.h).
  void rests(pid_t pid, std::vector<Said>& said);
  // Handlers of these signals have run: signal_bit()s.
  void caught(std::uint8_t signals, std::vector<Said>& said);
  // At its exit with that status. What is wrong with it, as write() has it.
  std::string exit(int status, std::vector<Said>& said);
  // After the work of an owner, and before it goes on.
  void gives_up(std::vector<Said>& said);

  // It has printed that it owns, and what it does when it looks for input is to be told to give up.
  bool owns_by_words() const { return owns_ && command_->hears == Command::Hears::kWords; }
  // Its owners are processes that live by themselves, whenever they begin to own.
  bool launches() const {
    return command_->hears == Command::Hears::kRest || command_->hears == Command::Hears::kReady;
  }
  // It has made a child, which may own for it, now or later; whoever knows them all says so when
  // one does.
  void forks() { has_forked_ = true; }
  void owns_by_child() { has_owned_ = true; }
  void is_child();
  // All that what it hears from here on depends on, as bytes to compare.
  std::string state() const;

 private:
  std::string hear(const std::string& line, std::vector<Said>& said);
  void begins_to_own(std::vector<Said>& said);
  bool is_like_an_owner(pid_t pid) const;

  const Command* command_;
  std::string line_;  // of which the end is not printed yet
  bool is_child_ = false;
  bool has_forked_ = false;
  bool owns_ = false;
  bool has_owned_ = false;
  bool was_told_ = false;  // that it does not own
};

}  // namespace lockproof
