// SPDX-License-Identifier: Apache-2.0
// Execution: a run under way, that can go back. Moves and recorder in step; where the world can
// restore it goes back by snapshots, else by a reset and the same choices again, and then compares
// what it sees with what it saw.
#pragma once

#include "explore/record.h"
#include "invariants/invariant.h"

namespace lockproof {

// All that stays the same while runs are explored. All outlive the exploration.
struct Problem {
  World& world;
  const Start& start;
  const Rules& rules;
  const Outside& outside;
  const std::vector<std::string>& invariants;
  Bounds bounds{};
  std::vector<std::string> files{};  // whose content at rest tells end states apart
};

class Execution {
 public:
  explicit Execution(const Problem& problem);

  // To the beginning: what the start has for a setup is done then. An error: see Moves.
  Result<> begin();
  // REQUIRES: begin() was; moves().possible(choice). An error ends the run: a refusal
  // (kEnvironment).
  Result<> take(Choice choice);
  // To where `depth` choices were made. An error: the subject is not deterministic (kUsage), in one
  // sentence that names the first call that differed.
  Result<> back_to(std::size_t depth);

  Moves& moves() { return moves_; }
  const Recorder& recorder() const { return recorder_; }
  std::size_t depth() const { return steps_.size(); }
  const std::vector<Step>& steps() const { return steps_; }
  std::vector<Choice> choices() const;

  // What the invariants say of the run as it is. It can go on afterwards.
  std::vector<Finding> judge(bool at_rest);
  // The number of choices after which the claim was broken.
  std::size_t steps_until(const Finding& finding) const;
  // The history, with the signs of life at its end. It can go on afterwards.
  std::vector<Event> history(bool at_rest);

  // The end state, for comparison: files, how each process ended or where it waits, who owned.
  std::uint64_t end_state() const;

 private:
  struct Mark {
    World::Snapshot snapshot;
    Moves::State moves;
    Recorder::State recorder;
  };
  void mark();
  Result<> set_up();
  Result<Step> apply(Choice choice);
  Result<> step(Choice choice);

  const Problem& problem_;
  Moves moves_;
  Recorder recorder_;
  std::vector<Step> steps_;
  std::vector<Mark> marks_;  // of each depth that is above; where the world can restore
};

}  // namespace lockproof
