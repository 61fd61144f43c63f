// SPDX-License-Identifier: Apache-2.0
// Edges: what was asked of each situation, and what came of it, each once.
//
// What is asked of a situation lies in a row of its own, a small table with open addressing in
// which an edge takes a quarter of a cache line. So those that an expansion asks for are next to
// each other, at addresses that are known beforehand. What most edges have in common is kept apart.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/mapped.h"
#include "core/prefetch.h"
#include "sim/hash_bytes.h"
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
};

// What many edges have in common: a search knows a few hundred of them.
struct EdgeKind {
  enum class Outcome : std::uint8_t { kUnknown, kDone, kWaits, kDisabled, kRefused };

  NodeRef child_node;
  std::uint16_t changed;   // as in Transition
  std::uint8_t signalled;  // as in Transition
  std::uint8_t says;       // kSays...
  std::uint8_t child;      // the slot that a fork filled, or kNone
  std::uint8_t born;       // the pid of `child`, less kPidBase; else 0
  Outcome outcome : 3;
  bool tree_changed : 1;
  bool pauses : 1;
  bool exits : 1;
  bool exits_in_error : 1;
  bool silent : 1;  // says, changes, signals, breaks, ends nothing, and does not pause
  Breaks breaks;    // as in Transition

  bool operator==(const EdgeKind&) const = default;
};
static_assert(sizeof(EdgeKind) == 12);

struct Edge : EdgeKind {
  SituationId from;  // these four: as in Asked
  std::uint32_t what;
  std::uint8_t slot;
  Act act;
  Places sleep_known;  // the slots of which it was asked whether their kill sleeps (Successor),
  Places asleep;       // and those of which it does
  SituationId to;
  NodeRef node;  // of a kReboot: see Steps::started()

  Asked asked() const { return {from, what, slot, act}; }
  // The same for the process itself, and for its child.
  bool leads_as(const Edge& other) const {
    return outcome == other.outcome && node == other.node && child == other.child &&
           child_node == other.child_node && born == other.born;
  }
  bool taken() const { return outcome != Outcome::kUnknown; }
};

class Edges {
 public:
  Edges();

  // Its outcome is kUnknown where it is not known.
  Edge find(const Asked& wanted) const {
    const Place& place = places_[find_in(rows_[wanted.from], key_of(wanted))];
    return place.taken() ? unpack(wanted, place) : Edge{};
  }
  // REQUIRES: it is not known; its outcome is not kUnknown. Error: there are too many kinds.
  Result<> add(const Edge& edge);
  // Also that kill sleeps there, or does not. REQUIRES: it is known.
  void note_sleep(const Asked& wanted, Places known, Places asleep);
  // Ask the cache for what find() will look at: first the row, then, when that has arrived, where
  // it is in it.
  LOCKPROOF_ALWAYS_INLINE void prefetch_row(SituationId from) const {
    lockproof::prefetch(&rows_[from]);
  }
  LOCKPROOF_ALWAYS_INLINE void prefetch(const Asked& asked) const {
    lockproof::prefetch(&places_[home(rows_[asked.from], key_of(asked))]);
  }

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return rows_end_ * sizeof(Row) + places_end_ * sizeof(Place); }
  // Needed at once when the longest row grows.
  std::size_t bytes_to_grow() const { return sizeof(Place) << (longest_ + 1); }

 private:
  // An edge, in the row of its situation.
  struct Place {
    std::uint64_t key : 37;
    std::uint64_t kind : 19;  // 0: the place is free
    std::uint64_t asleep : 8;
    std::uint64_t to : 28;
    std::uint64_t node : 28;
    std::uint64_t sleep_known : 8;

    bool taken() const { return kind != 0; }
  };
  static_assert(sizeof(Place) == 16);

  // 1 << bits places, some of which are free.
  struct Row {
    std::uint32_t line;  // where it begins
    std::uint32_t taken : 27;
    std::uint32_t bits : 5;
  };
  static constexpr unsigned kLineBits = 2;  // places of a cache line, which is the shortest row
  static constexpr std::size_t kPlaces = std::size_t{1} << 31;
  static constexpr std::size_t kKinds = std::size_t{1} << 19;

  static std::uint64_t key_of(const Asked& asked) {
    return asked.what | std::uint64_t{asked.slot} << 29 |
           std::uint64_t{static_cast<std::uint8_t>(asked.act)} << 32;
  }
  static std::size_t begin(const Row& row) { return std::size_t{row.line} << kLineBits; }
  static std::size_t size(const Row& row) { return std::size_t{1} << row.bits; }
  static std::size_t home(const Row& row, std::uint64_t key) {
    return begin(row) + (key * 0x9e3779b97f4a7c15u >> 1 >> (63 - row.bits));
  }
  // Where it is, or else the free place where it would be. A row that is not there has one, too.
  std::size_t find_in(const Row& row, std::uint64_t key) const {
    std::size_t at = home(row, key);
    while (places_[at].taken() && places_[at].key != key) {
      at = begin(row) + ((at + 1 - begin(row)) & (size(row) - 1));
    }
    return at;
  }
  Edge unpack(const Asked& asked, const Place& place) const;
  void grow(Row& row);

  Mapped<Row> rows_{Store::kMaxSituations};
  Mapped<Place> places_{kPlaces};
  std::size_t rows_end_ = 0;
  std::size_t places_end_;
  std::array<std::vector<std::uint32_t>, 32> outgrown_;  // the lines of rows, by their bits
  std::vector<EdgeKind> kinds_;
  std::unordered_map<EdgeKind, std::uint32_t, HashBytes> numbers_;  // of kinds
  std::size_t size_ = 0;
  unsigned longest_ = 0;  // bits of a row
};

inline Edge Edges::unpack(const Asked& asked, const Place& place) const {
  // Where all the first bits are set, it is none of a program.
  constexpr NodeRef kFirst = kNoProcess & 0x0fffffff;
  const NodeRef beyond = (place.node & kFirst) == kFirst ? 0xf0000000 : 0;
  return {kinds_[place.kind],
          asked.from,
          asked.what,
          asked.slot,
          asked.act,
          static_cast<Places>(place.sleep_known),
          static_cast<Places>(place.asleep),
          static_cast<SituationId>(place.to),
          static_cast<NodeRef>(place.node) | beyond};
}

}  // namespace lockproof::sim
