// SPDX-License-Identifier: Apache-2.0
// Edges: what was asked of each situation, and what came of it, each once.
//
// A table with open addressing, an edge half a cache line, so that to find one is one look at
// memory, at an address that is known beforehand.
#pragma once

#include <cstdint>

#include "core/mapped.h"
#include "core/prefetch.h"
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
  std::uint32_t what;  // the node of a kCall or kErrno, the order of a kReorder, else as at Act
  std::uint8_t slot;   // of a kReorder, and of what concerns nobody or all: 0
  Act act;

  bool operator==(const Asked&) const = default;
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
  std::uint8_t changed;    // as in Transition
  std::uint8_t signalled;  // as in Transition
  std::uint8_t says;       // kSays...
  bool tree_changed : 1;
  bool pauses : 1;
  bool exits : 1;
  bool exits_in_error : 1;
  std::uint8_t born;  // the pid of `child`, less kPidBase; else 0
};
static_assert(sizeof(Edge) == 32);

class Edges {
 public:
  static constexpr std::size_t kMaxEdges = std::size_t{1} << 30;

  // Null: not known. Valid until the next add().
  const Edge* find(const Asked& asked) const;
  // REQUIRES: it is not known; outcome is not kUnknown. Valid as above.
  const Edge* add(const Edge& edge);
  // Asks the cache for what find() will look at.
  LOCKPROOF_ALWAYS_INLINE void prefetch(const Asked& asked) const {
    lockproof::prefetch(&table_[hash(asked) & mask_]);
  }

  std::size_t size() const { return count_; }
  std::size_t bytes() const { return (mask_ + 1) * sizeof(Edge); }
  // Needed at once when the table grows soon; 0 while that is far.
  std::size_t bytes_to_grow() const {
    const std::size_t slots = mask_ + 1;
    return count_ * 4 > slots * 3 - slots / 4 ? 2 * slots * sizeof(Edge) : 0;
  }

 private:
  static std::size_t hash(const Asked& asked);
  static Asked asked(const Edge& edge) { return {edge.from, edge.what, edge.slot, edge.act}; }
  Edge* place(const Edge& edge);
  void grow();

  static constexpr std::size_t kFirst = 1 << 10;
  Mapped<Edge> table_{kFirst};
  std::size_t mask_ = kFirst - 1;
  std::size_t count_ = 0;
};

inline std::size_t Edges::hash(const Asked& asked) {
  const std::uint64_t who =
      (std::uint64_t{asked.slot} << 8 | static_cast<std::uint8_t>(asked.act)) + 1;
  std::uint64_t key = (std::uint64_t{asked.from} << 32 | asked.what) ^ who * 0x9e3779b97f4a7c15u;
  key *= 0xd6e8feb86659fd93u;
  return static_cast<std::size_t>(key ^ key >> 32);
}

inline const Edge* Edges::find(const Asked& wanted) const {
  for (std::size_t at = hash(wanted) & mask_;; at = (at + 1) & mask_) {
    const Edge& edge = table_[at];
    if (edge.outcome == Edge::Outcome::kUnknown) return nullptr;
    if (asked(edge) == wanted) return &edge;
  }
}

}  // namespace lockproof::sim
