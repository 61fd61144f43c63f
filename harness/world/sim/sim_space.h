// SPDX-License-Identifier: Apache-2.0
// SimSpace: the processes of a cast over the simulated kernel, as a space.
//
// The words of a state: the situation's number, each slot's node, what the processes are (a bit a
// slot, derived from their nodes, but for kTouched), what faults are left.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/steps.h"
#include "world/space.h"

namespace lockproof::sim {

// How often each fault may happen in a run: at most 15 times.
enum class FaultLeft : std::uint8_t { kKill, kTerm, kStop, kExecChild };
using FaultsLeft = std::array<std::uint8_t, 8>;

struct Contender {
  Program* program = nullptr;  // several may share one: their places can be exchanged
  bool late = false;           // begins when nobody who has begun can take a step
};

struct SpaceStart {
  std::vector<Contender> cast;                             // at most kProcesses
  std::vector<std::pair<std::string, std::string>> files;  // in home: name, content
  Roles roles;
  FaultsLeft faults{};  // by FaultLeft
  Steps::Rules rules;
  bool symmetry = true;  // exchange contenders of one program (needs symbolic pids)
};

class SimSpace final : public Space {
 public:
  // The programs, and `tables` with their texts, must outlive the space. Fails on a start that the
  // model cannot hold.
  static Result<std::unique_ptr<SimSpace>> make(SpaceStart start, Tables& tables);

  State first() const override { return first_; }
  Fingerprint fingerprint(const State& state) override;
  Result<> expand(const State& state, std::vector<Successor>& out) override;
  void prefetch(const State& state) const override;
  Facts facts(const State& state) const override;
  const std::vector<std::string>& refusals() const override { return steps_.refusals(); }
  std::size_t bytes() const override;

  // Something was refused because pids were renamed.
  bool pids_are_numbers() const { return steps_.pids_are_numbers(); }
  const Store& store() const { return store_; }
  std::size_t situations() const { return store_.size(); }
  std::size_t edges() const { return steps_.size(); }
  std::size_t nodes() const { return nodes_.size(); }

 private:
  // Places in State::words.
  static constexpr unsigned kSituation = 0;
  static constexpr unsigned kNodes = 1;
  static constexpr unsigned kTouchedOwnsClaimingBusy = 9;  // a byte each, touched lowest
  static constexpr unsigned kGivesUpProbingStrangersBegun = 10;
  static constexpr unsigned kFaults = 11;  // four bits each

  SimSpace(SpaceStart start, Tables& tables);
  Result<> begin();

  bool begun(const State& state, unsigned slot) const {
    return (state.words[kGivesUpProbingStrangersBegun] >> (24 + slot) & 1) != 0;
  }
  Result<bool> go(const State& state, unsigned slot, std::vector<Successor>& out);
  Result<> add_fault(const State& state, unsigned slot, Act act, Choice choice,
                     std::uint32_t faults_left, std::vector<Successor>& out);
  Result<> add_faults(const State& state, std::vector<Successor>& out);
  Result<> add_clock(const State& state, std::vector<Successor>& out);
  // Ends what `successor` began: the dead lose their nodes, the order becomes canonical.
  Result<> finish(const State& before, const Edge& edge, Successor& successor,
                  std::vector<Successor>& out);
  void judge(const State& before, const Edge& edge, Successor& successor) const;
  Result<> sort(Successor& successor);
  static unsigned left(const State& state, FaultLeft fault);
  // Puts the process in `slot` at `node`.
  void put(State& state, unsigned slot, NodeRef node) const;

  SpaceStart start_;
  Tables& tables_;
  Naming naming_;
  Store store_;
  Nodes nodes_;
  Steps steps_;
  State first_;
  Places late_ = 0;
  std::array<std::uint8_t, kProcesses> class_{};  // equal: may change places; 0: alone
};

}  // namespace lockproof::sim
