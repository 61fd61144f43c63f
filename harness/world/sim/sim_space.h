// SPDX-License-Identifier: Apache-2.0
// SimSpace: the processes of a cast over the simulated kernel, as a space.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/expansion.h"
#include "sim/reach.h"

namespace lockproof::sim {

struct Contender {
  Program* program = nullptr;  // several may share one: their places can be exchanged
  bool late = false;           // begins when nobody who has begun can take a step
  Role role = Role::kContender;
};

struct SpaceStart {
  std::vector<Contender> cast;                             // at most kProcesses
  std::vector<std::pair<std::string, std::string>> files;  // in home: name, content
  Roles roles;
  FaultsLeft faults{};  // by FaultLeft
  Steps::Rules rules;
  bool symmetry = true;                // exchange contenders of one program (needs symbolic pids)
  std::vector<int> strangers{};        // as in Start
  std::int64_t uptime_ns = 0;          // as in Start
  unsigned setup = 0;                  // as in Start
  std::vector<unsigned> namespaces{};  // as in Start; needs pids as they are
};

class SimSpace final : public Space {
 public:
  // The programs, and `tables` with their texts, must outlive the space. Fails on a start that the
  // model cannot hold.
  static Result<std::unique_ptr<SimSpace>> make(SpaceStart start, Tables& tables);

  State first() const override { return first_; }
  Numbers numbers() const override { return numbers_; }
  Fingerprint fingerprint(const State& state) const override {
    return sim::fingerprint(state, store_, nodes_);
  }
  Result<> expand(const State& state, Places asleep, std::vector<Successor>& out) override;
  bool expand_known(const State& state, Places asleep, std::vector<Successor>& out) const override;
  void prefetch(const State& state) const override;
  Questions questions(const State& from, const Successor& next) const override;
  // What `next`, one of the successors of `from`, can depend on.
  Reach reach(const State& from, const Successor& next) const;
  Facts facts(const State& state) const override {
    return sim::facts(state, store_.about(state.words[kSituation]), cast_.size);
  }
  Rest rest(const State& state) const override;
  const std::vector<std::string>& refusals() const override { return steps_.refusals(); }
  // Not of programs of somebody else, whose places depend on the order in which they were learned.
  void pack(std::span<const State> states, ByteWriter& out) const override;
  Result<std::vector<State>> unpack(ByteReader& in) override;
  std::size_t bytes() const override;
  std::size_t bytes_to_grow() const override {
    return store_.bytes_to_grow() + steps_.bytes_to_grow();
  }

  // REQUIRES: the process at `place` makes one.
  const Call& call(const State& state, std::uint8_t place) const {
    return nodes_.call(node_of(state, place) & ~kNotBegun);
  }

  // Something was refused because pids were renamed, or is not offered: the faults pid_reuse and
  // reboot, which make numbers out of them.
  bool pids_are_numbers() const;
  const Store& store() const { return store_; }
  std::size_t situations() const { return store_.size(); }
  std::size_t edges() const { return steps_.size(); }
  std::size_t nodes() const { return nodes_.size(); }

 private:
  SimSpace(SpaceStart start, Tables& tables);
  Result<> begin();
  Result<> set_up();
  void note_birth(unsigned slot, int pid);
  const Successor* next_of_setup(unsigned place, const std::vector<Successor>& successors) const;

  SpaceStart start_;
  Tables& tables_;
  Naming naming_;
  Store store_;
  Nodes nodes_;
  Steps steps_;
  State first_;
  Numbers numbers_;
  Cast cast_;
};

}  // namespace lockproof::sim
