// SPDX-License-Identifier: Apache-2.0
// Expansion: all that can happen next in a state, and the states after it.
//
// The same choices as Moves (explore/moves.h) gives for a world, which conform (check/conform.h)
// compares run by run.
#pragma once

#include <vector>

#include "sim/state_words.h"
#include "sim/steps.h"

namespace lockproof::sim {

// What is the same in all states of a space.
struct Cast {
  unsigned size = 0;
  Places late = 0;
  std::array<std::uint8_t, kProcesses> kind{};  // equal: may change places; 0: alone
  bool exchangeable = false;                    // some kind is not 0
  TimeMode time = TimeMode::kAnyTime;
  Pids pids = Pids::kSymbolic;
  bool launches = false;  // Steps::Rules
};

class Expansion {
 public:
  // `learner` is `steps`, or null: then it goes only where all is known. All outlive this.
  Expansion(const Cast& cast, const Store& store, const Nodes& nodes, const Steps& steps,
            Steps* learner, std::vector<Successor>& out);

  // Appends all but the kills that sleep. False: something is not known, and there is no learner;
  // what was appended is not all. Errors: as Program::next().
  Result<bool> run(const State& state, Places asleep);

 private:
  // kUnknown: so it is, or there is an error; it has ended.
  Edge find(const Asked& asked) {
    Edge edge = steps_.known(asked);
    if (!edge.taken()) edge = learn(asked);
    return edge;
  }
  Edge learn(const Asked& asked);

  void add_step(unsigned slot);
  void add_clock();
  // The faults: expansion_faults.cc
  void add_faults();
  void add_signals();
  void add_errnos();
  void add_pid_reuses();
  void add_reboot();
  void add_fault(FaultLeft fault, const Asked& asked, Choice choice);
  unsigned cast_here() const;  // those of the cast that are there
  unsigned victims() const;    // whom a signal may strike, of those who have begun
  // Who has begun, or was killed before, may have left its place to a child.
  unsigned late_waiting() const;
  // The step of `asked`; false: there is none, or it is not known.
  bool add(const Asked& asked, const Transition& step);
  bool add(const Asked& asked, const Transition& step, std::uint32_t faults_left);
  void follow(const Edge& edge, Successor& successor);
  void arrive(const Edge& edge, Successor& successor);
  Places sleeping(const Edge& edge);
  void own_for_parents(const Edge& edge, unsigned child, State& state) const;
  void judge(const Edge& edge, Successor& successor) const;
  void sort(Successor& successor);

  const Cast& cast_;
  const Store& store_;
  const Nodes& nodes_;
  const Steps& steps_;
  Steps* const learner_;
  std::vector<Successor>& out_;
  const State* state_ = nullptr;
  Places killable_ = 0;  // whom a kill can strike here; it is tried, or it sleeps
  Places asleep_ = 0;
  bool moved_ = false;  // somebody who has begun can take a step
  bool ended_ = false;  // before all was said: something is not known, or there is an error
  std::optional<Error> error_;
};

}  // namespace lockproof::sim
