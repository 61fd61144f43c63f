// SPDX-License-Identifier: Apache-2.0
// A learned program: one of somebody else's, unmodified, its tree found by running it.
//
// Where it comes to a place at which it was before, with nothing different in it
// (trace/likeness.h), the answer leads there: what polls without end and remembers nothing of it is
// a loop.
//
// For each node somebody stands there who can be copied: an answer that nobody has given before
// costs a copy of a process, and no start. Of those who stand only so many are kept; where nobody
// stands any more, and where copies of copies got slow (trace/checkpoint.h), a process is led there
// again by the answers that lead there, and each call on the way is compared with the tree.
#pragma once

#include <sched.h>

#include <list>
#include <memory>
#include <unordered_map>

#include "learned/limits.h"
#include "learned/pupil.h"
#include "program/program.h"
#include "program/tree.h"

namespace lockproof {

class LearnedProgram final : public Program {
 public:
  using Limits = LearningLimits;
  using By = Limits::By;

  // Runs the program up to its first call. `texts` outlive it. Errors: as Pupil::begin().
  static Result<std::unique_ptr<LearnedProgram>> start(Command command, Texts& texts,
                                                       const Limits& limits);

  const Call& call(Node node) const override { return tree_.call(node); }
  std::span<const Said> said(Node node) const override { return tree_.said(node); }
  // kStopped: one of the limits was reached, or who watches has ended it; what is known stays
  // known.
  Result<Node> next(Node node, const Answer& answer) override;
  const Command* command() const override { return command_.get(); }

  const Tree& tree() const { return tree_; }
  std::uint64_t starts() const { return starts_; }
  std::uint64_t copies() const { return copies_; }
  std::uint64_t merged() const { return merged_; }  // answers that led to a place that was known

 private:
  LearnedProgram(Command command, Texts& texts, const Limits& limits)
      : command_(std::make_unique<Command>(std::move(command))), texts_(texts), limits_(limits) {}

  // Why nothing more is to be learned; "": it is.
  Reason enough();
  Result<Node> learn(Node node, const Answer& answer);
  // Somebody who stands at the node, and is nobody's but the caller's.
  Result<Pupil> at(Node node);
  Result<Pupil> from_the_beginning();
  Result<> lead(Pupil& pupil, std::span<const Tree::Turn> turns);
  Result<> compare(const Pupil& pupil, Node node);
  // A place that it has been at; nothing: it is a new one, which is `node` from now on.
  std::optional<Node> known_place(const Pupil& pupil, Node node);
  void keep(Node node, Pupil pupil);
  std::optional<Pupil> copy_of(Node node);

  // All of its processes: a program reads in its processor which core it is on (cpuid).
  const int core_ = ::sched_getcpu();
  const std::unique_ptr<const Command> command_;
  Texts& texts_;
  const Limits limits_;
  Tree tree_;
  std::list<std::pair<Node, Pupil>> standing_;  // who was used last is first
  std::unordered_map<Node, std::list<std::pair<Node, Pupil>>::iterator> places_;
  std::uint64_t starts_ = 0;
  std::uint64_t copies_ = 0;
  std::unordered_map<Likeness, Node, HashLikeness> by_likeness_;
  std::uint64_t merged_ = 0;
  double seconds_ = 0;
  double next_look_ = 0;
  std::optional<Error> broken_;
};

}  // namespace lockproof
