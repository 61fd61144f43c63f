// SPDX-License-Identifier: Apache-2.0
// What the words of a State mean here: the situation's number, each slot's node, what the processes
// are (a bit a slot, derived from their nodes, but for `touched` and `begun`), what faults are
// left.
#pragma once

#include <bit>

#include "sim/nodes.h"
#include "sim/store.h"
#include "sim/tables.h"
#include "world/space.h"

namespace lockproof::sim {

// How often each fault may happen in a run: at most 15 times.
enum class FaultLeft : std::uint8_t {
  kKill,
  kTerm,
  kStop,
  kExecChild,
  kPidReuse,
  kReboot,
  kErrno,
  kClockStep
};
using FaultsLeft = std::array<std::uint8_t, 8>;

// Places in State::words.
inline constexpr unsigned kSituation = 0;
inline constexpr unsigned kNodes = 1;
inline constexpr unsigned kTouchedOwnsClaimingBusy = 9;  // a byte each, touched lowest
inline constexpr unsigned kGivesUpProbingOthersBegun = 10;
inline constexpr unsigned kFaults = 11;  // four bits each

inline bool has(unsigned places, unsigned slot) { return (places >> slot & 1) != 0; }
inline Places bit(unsigned slot) { return static_cast<Places>(1u << slot); }

// Calls `each` with every slot in `places`.
template <class Each>
void each_of(unsigned places, Each each) {
  for (; places != 0; places &= places - 1) each(static_cast<unsigned>(std::countr_zero(places)));
}

inline unsigned begun(const State& state) { return state.words[kGivesUpProbingOthersBegun] >> 24; }
inline void set_begun(State& state, unsigned slot) {
  state.words[kGivesUpProbingOthersBegun] |= 1u << (24 + slot);
}
inline NodeRef owned_by_child(const State& state, unsigned slot) {
  const NodeRef node = state.words[kNodes + slot];
  return Nodes::is_node(node) ? node & kOwnedByChild : 0;
}
// What the process in `slot` is asked at.
inline NodeRef node_of(const State& state, unsigned slot) {
  const NodeRef node = state.words[kNodes + slot] & ~owned_by_child(state, slot);
  return has(begun(state), slot) ? node : node | kNotBegun;
}
inline unsigned owners(const State& state) {
  return state.words[kTouchedOwnsClaimingBusy] >> 8 & 0xff;
}
// Who is not of the cast: strangers, and children.
inline unsigned others(const State& state) {
  return state.words[kGivesUpProbingOthersBegun] >> 16 & 0xff;
}
inline unsigned touched(const State& state) { return state.words[kTouchedOwnsClaimingBusy] & 0xff; }
inline unsigned left(const State& state, FaultLeft fault) {
  return state.words[kFaults] >> (4 * static_cast<unsigned>(fault)) & 15;
}

// Puts the process in `slot` at `node`.
void put(State& state, unsigned slot, NodeRef node, const Nodes& nodes);
// The same of one who has not begun: what it says before its first call is said with it.
void put_idle(State& state, unsigned slot, NodeRef node);
// What is left in `slot` of who runs no more.
void put_dead(State& state, unsigned slot, bool present, const Nodes& nodes);
// Who is at place i was at order[i] before. The situation is left as it is.
void reorder(State& state, const Order& order);
Fingerprint fingerprint(const State& state, const Store& store, const Nodes& nodes);
Facts facts(const State& state, const About& about, unsigned cast);

}  // namespace lockproof::sim
