// SPDX-License-Identifier: Apache-2.0
// Edges: what was asked of each situation, and what came of it, each once.
//
// An edge is half a cache line in a table with open addressing, so that to find one is one look at
// memory, at an address that is known beforehand.
#pragma once

#include <cstdint>

#include "core/open_table.h"
#include "sim/nodes.h"
#include "sim/store.h"

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
  kReorder,
  kPidReuse,   // what: the pid, less kPidBase
  kReboot,     // what: the slots of who starts after it
  kClockStep,  // of nobody
  kErrno       // and 15 more: the call of `what` fails with the errno of that place in errnos_of()
};
constexpr Act errno_act(unsigned place) {
  return static_cast<Act>(static_cast<unsigned>(Act::kErrno) + place);
}
constexpr bool is_errno(Act act) { return act >= Act::kErrno; }

struct Asked {
  SituationId from;
  // The node of a kCall or kErrno, with kNotBegun of who has not; the order of a kReorder; else as
  // at Act
  std::uint32_t what;
  std::uint8_t slot;  // of a kReorder, and of what concerns nobody or all: 0
  Act act;

  bool operator==(const Asked&) const = default;
  std::uint32_t hash() const {
    const std::uint64_t who = (std::uint64_t{slot} << 8 | static_cast<std::uint8_t>(act)) + 1;
    const std::uint64_t key = (std::uint64_t{from} << 32 | what) ^ who * 0x9e3779b97f4a7c15u;
    return static_cast<std::uint32_t>((key ^ key >> 29) * 0xd6e8feb86659fd93u >> 32);
  }
};

struct alignas(32) Edge {
  enum class Outcome : std::uint8_t { kUnknown, kDone, kWaits, kDisabled, kRefused };

  SituationId from;  // these four: as in Asked
  std::uint32_t what;
  std::uint8_t slot;
  Act act;
  // The answer
  Outcome outcome;
  std::uint8_t child;  // the slot that a fork filled, or kNone
  SituationId to;
  NodeRef node;  // of a kReboot: see Steps::started()
  NodeRef child_node;
  std::uint16_t changed;   // as in Transition
  std::uint8_t signalled;  // as in Transition
  std::uint8_t says;       // kSays...
  bool tree_changed : 1;
  bool pauses : 1;
  bool exits : 1;
  bool exits_in_error : 1;
  bool silent : 1;     // says, changes, signals, ends nothing: none of the above, and no pause
  Breaks breaks : 3;   // as in Transition
  std::uint8_t born;   // the pid of `child`, less kPidBase; else 0
  Places sleep_known;  // the slots of which it was asked whether their kill sleeps (Successor),
  Places asleep;       // and those of which it does

  Asked asked() const { return {from, what, slot, act}; }
  // The same for the process itself, and for its child.
  bool leads_as(const Edge& other) const {
    return outcome == other.outcome && node == other.node && child == other.child &&
           child_node == other.child_node && born == other.born;
  }
  std::uint32_t hash() const { return asked().hash(); }
  bool taken() const { return outcome != Outcome::kUnknown; }
};
static_assert(sizeof(Edge) == 32);

class Edges {
 public:
  // Null: not known. Valid until the next add().
  const Edge* find(const Asked& wanted) const {
    return table_.find(wanted.hash(), [&](const Edge& edge) { return edge.asked() == wanted; });
  }
  // REQUIRES: it is not known; outcome is not kUnknown. Valid as above.
  const Edge* add(const Edge& edge) { return table_.add(edge); }
  // Also that kill sleeps there, or does not. REQUIRES: it is known.
  void note_sleep(const Asked& wanted, Places known, Places asleep) {
    Edge* const edge =
        table_.find(wanted.hash(), [&](const Edge& e) { return e.asked() == wanted; });
    edge->sleep_known |= known;
    edge->asleep |= asleep;
  }
  // Asks the cache for what find() will look at.
  LOCKPROOF_ALWAYS_INLINE void prefetch(const Asked& asked) const { table_.prefetch(asked.hash()); }

  std::size_t size() const { return table_.size(); }
  std::size_t bytes() const { return table_.bytes(); }
  // Needed at once when the table grows soon; 0 while that is far.
  std::size_t bytes_to_grow() const { return table_.bytes_to_grow(); }

 private:
  OpenTable<Edge> table_{28};
};

}  // namespace lockproof::sim
