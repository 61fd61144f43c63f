// SPDX-License-Identifier: Apache-2.0
// Steps: what a call, a death or a fault makes of a situation, each found once.
//
// A search asks the same of the same situation again and again, with other processes at other
// places. So the kernel is learned like a program: (situation, who, what) -> situation, and a state
// becomes a few numbers that are looked up.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "sim/edges.h"
#include "sim/effects.h"
#include "world/choices.h"

namespace lockproof::sim {

class Steps {
 public:
  struct Rules {
    Pids pids = Pids::kSymbolic;
    TimeMode time = TimeMode::kAnyTime;
    std::int64_t clock_step_ns = 0;
    Remember remember{};
    // The programs are somebody else's: who was told busy, a child, and who never claimed may end
    // in an error.
    bool of_somebody_else = false;
    // They start who owns, and need not be there any more when it does: the late one has got
    // somebody in if there is an owner in the end. Signals of the faults strike children, too.
    bool launches = false;
  };
  // Where each slot begins.
  using Beginning = std::array<NodeRef, kProcesses>;

  Steps(Tables& tables, Naming& naming, Store& store, Nodes& nodes, Rules rules);

  // Lets the process go through calls that concern nobody else, from `node`, its first one, on.
  // What it says on the way is said with its first step. Errors: as Program::next(); a refusal is
  // counted, and leads nowhere.
  Result<> open(Situation& situation, std::uint8_t slot, NodeRef& node);

  // Who starts after a reboot starts here.
  void set_beginning(const Beginning& nodes) { beginning_ = nodes; }
  // After a reboot: where those are that start after it, by slot. REQUIRES: an edge of kReboot
  const Beginning& started(const Edge& edge) const { return started_[edge.node]; }

  // What was learned; its outcome is kUnknown where nothing was. Several threads may ask at once.
  Edge known(const Asked& asked) const;
  // As known(), and learns where nothing is. Errors: as Program::next().
  Result<Edge> find(const Asked& asked);
  // Those of `slots` whose kill sleeps after what is known as `asked` (Successor, world/space.h).
  // REQUIRES: it is known, of kCall or kDeath, and a kill of each of them is asked for before it.
  Result<Places> find_sleeping(const Asked& asked, Places slots);
  LOCKPROOF_ALWAYS_INLINE void prefetch(const Asked& asked) const { edges_.prefetch(asked); }
  LOCKPROOF_ALWAYS_INLINE void prefetch_kills(SituationId from) const {
    lockproof::prefetch(&kills_[from]);
  }

  const std::vector<std::string>& refusals() const { return refusals_; }
  // Something was refused because pids were renamed: Refusal::kPidAsNumber.
  bool pids_are_numbers() const { return pids_are_numbers_; }
  std::size_t size() const { return edges_.size(); }
  std::size_t bytes() const {
    return edges_.bytes() + effects_.bytes() + kills_end_ * sizeof kills_[0];
  }
  std::size_t bytes_to_grow() const { return edges_.bytes_to_grow() + effects_.bytes_to_grow(); }

 private:
  static constexpr SituationId kRefusedKill = 0xffffffff;
  static constexpr SituationId kNowhere = 0xffffffff;

  // An edge whose answer is still to come.
  static Edge begun(const Asked& asked) {
    Edge edge{};
    edge.from = asked.from;
    edge.what = asked.what;
    edge.slot = asked.slot;
    edge.act = asked.act;
    edge.outcome = Edge::Outcome::kDone;
    edge.child = edge.signalled = kNone;
    return edge;
  }
  Result<> keep(const Edge& edge);
  // Where the kill leads; kNowhere: it is refused.
  Result<SituationId> find_kill(SituationId from, std::uint8_t slot);
  Result<> learn(Edge& edge);
  Result<> learn_call(Edge& edge, Situation& situation);
  // A call whose effect is known from another node. false: it is not, or is not all that happens.
  Result<bool> recall(Edge& edge);
  bool is_in_error(const Edge& edge) const;
  bool is_shared(const Edge& edge) const;
  static void judge_silence(Edge& edge);
  Result<> learn_errno(Edge& edge, Situation& situation);
  Result<> learn_reboot(Edge& edge, Situation& situation);
  void learn_pid_reuse(Edge& edge, Situation& situation);
  // One call of the process at `node`, which goes on; the call is given back for what depends on
  // it.
  Result<> ask(Edge& edge, Situation& situation, NodeRef& node);
  // As open(); what it says is added to the edge's, and to heard_.
  Result<> pass(Edge& edge, Situation& situation, std::uint8_t slot, NodeRef& node);
  void hear(Edge& edge, Situation& situation, std::uint8_t slot);
  // Who was forked by it.
  static Places children_of(const Kernel& kernel, std::uint8_t slot);
  // What who has not begun has said, and what begins with the call. Whether something was.
  bool hear_before(Edge& edge, Situation& situation);
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
  Edges edges_;
  Effects effects_;
  // Kills are asked most often, and only what they lead to need be known: by situation and slot,
  // 1 + the situation after it. 0: not known.
  Mapped<std::array<SituationId, kProcesses>> kills_{Store::kMaxSituations};
  std::size_t kills_end_ = 0;
  Beginning beginning_{};
  std::unordered_map<NodeRef, std::vector<Said>> openings_;  // by where it waits
  // The situation that was asked for last: an expansion asks for one several times.
  SituationId recent_id_ = kNowhere;
  Situation recent_;
  std::vector<Said> heard_;     // scratch
  Effects::Answered answered_;  // the same: what ask() was told
  std::vector<Beginning> started_;
  std::vector<std::string> refusals_;
  bool pids_are_numbers_ = false;
};

inline Edge Steps::known(const Asked& asked) const {
  if (asked.act != Act::kKill) return edges_.find(asked);
  const SituationId after = kills_[asked.from][asked.slot];
  Edge edge = begun(asked);
  edge.to = after - 1;
  if (after == 0) edge.outcome = Edge::Outcome::kUnknown;
  if (after == kRefusedKill) edge.outcome = Edge::Outcome::kRefused;
  return edge;
}

std::uint32_t pack(const Order& order);
Order unpack_order(std::uint32_t packed);

}  // namespace lockproof::sim
