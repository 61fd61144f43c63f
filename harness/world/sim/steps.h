// SPDX-License-Identifier: Apache-2.0
// Steps: what a call, a death or a fault makes of a situation, each found once.
//
// A search asks the same of the same situation again and again, with other processes at other
// places. So the kernel is learned like a program: (situation, who, what) -> situation, and a state
// becomes a few numbers that are looked up.
#pragma once

#include <string>
#include <vector>

#include "core/mapped.h"
#include "sim/nodes.h"
#include "sim/store.h"
#include "world/choices.h"

namespace lockproof::sim {

// What is asked of a situation, other than a call: the slot's next step of death, a signal to it,
// time that goes on to the end of its sleep, or a new order of the slots.
enum class Act : std::uint8_t {
  kCall,
  kDeath,
  kKill,
  kTerm,
  kStop,
  kContinue,
  kExecChild,
  kTime,
  kReorder
};

struct Edge {
  // What was asked. `what`: the node of a kCall, the order of a kReorder, else 0.
  std::uint32_t what;
  std::uint8_t slot;
  Act act;
  // The answer
  enum class Outcome : std::uint8_t { kDone, kWaits, kDisabled, kRefused } outcome;
  std::uint8_t child;  // the slot that a fork filled, or kNone
  SituationId to;
  NodeRef node;
  NodeRef child_node;
  std::uint8_t changed;    // as in Transition
  std::uint8_t signalled;  // as in Transition
  std::uint8_t says;       // kSays...
  bool tree_changed : 1;
  bool exits : 1;
  bool exits_in_error : 1;
  std::uint32_t next;  // of the same situation and slot, + 1; 0: none
};
static_assert(sizeof(Edge) == 28);

class Steps {
 public:
  static constexpr std::size_t kMaxEdges = std::size_t{1} << 30;

  struct Rules {
    Pids pids = Pids::kSymbolic;
    TimeMode time = TimeMode::kAnyTime;
  };

  Steps(Tables& tables, Naming& naming, Store& store, Nodes& nodes, Rules rules);

  // Lets the process go through calls that concern nobody else, from `node` on; what it says on the
  // way is added to `says`. Errors: as Program::next(); a refusal is counted, and leads nowhere.
  Result<> pass(Situation& situation, std::uint8_t slot, NodeRef& node, std::uint8_t& says);

  // Errors: as Program::next(). The pointer is valid until the next call.
  Result<const Edge*> call(SituationId from, std::uint8_t slot, NodeRef node);
  Result<const Edge*> act(SituationId from, std::uint8_t slot, Act act);
  Result<const Edge*> reorder(SituationId from, std::uint32_t packed_order);

  const std::vector<std::string>& refusals() const { return refusals_; }
  // Something was refused because pids were renamed: Refusal::kPidAsNumber.
  bool pids_are_numbers() const { return pids_are_numbers_; }
  // Asks the cache for what will be looked at.
  void prefetch(SituationId from) const { __builtin_prefetch(&heads_[from]); }

  std::size_t size() const { return count_; }
  std::size_t bytes() const { return count_ * sizeof(Edge) + store_.size() * sizeof(Heads); }

 private:
  // The first edge of a situation, by slot, + 1: calls, and what else is asked.
  struct Heads {
    std::array<std::uint32_t, kProcesses> calls{};
    std::array<std::uint32_t, kProcesses> acts{};
  };

  Result<const Edge*> find(SituationId from, std::uint32_t what, std::uint8_t slot, Act act);
  Result<> learn(SituationId from, Edge& edge);
  Result<> learn_call(SituationId from, Edge& edge, Situation& situation);
  // One call of the process at `node`, which goes on; the call is given back for what depends on
  // it.
  Result<> ask(Edge& edge, Situation& situation, NodeRef& node);
  void pass_deaths(Situation& situation, std::uint8_t slot) const;
  // The call as a whole; with kAnyTime a timed wait that would go on ends by its time-out.
  Answer perform(Situation& situation, std::uint8_t slot, const Call& call);
  void refuse(Edge& edge, const Call& call, Refusal refusal);
  void compare(Edge& edge, const Situation& before, const Situation& after) const;
  std::uint64_t hash_of(const Answer& answer) const;
  bool settle(Edge& edge, Situation& situation, const Order& order);

  Tables& tables_;
  Naming& naming_;
  Store& store_;
  Nodes& nodes_;
  const Rules rules_;
  Mapped<Edge> edges_{kMaxEdges};
  std::size_t count_ = 0;
  Mapped<Heads> heads_{kMaxEdges / 4};  // by situation
  std::vector<std::string> refusals_;
  bool pids_are_numbers_ = false;
};

std::uint32_t pack(const Order& order);
Order unpack_order(std::uint32_t packed);

}  // namespace lockproof::sim
