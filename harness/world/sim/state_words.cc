// SPDX-License-Identifier: Apache-2.0
#include "sim/state_words.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace lockproof::sim {
namespace {

constexpr std::uint32_t kEveryMask = 0x01010101;  // a slot's bit, in each byte of a word

// The bits of each byte, those of slot order[i] at i.
std::uint32_t reordered(std::uint32_t masks, const Order& order) {
  std::uint32_t result = 0;
  for (unsigned slot = 0; slot < kProcesses; ++slot) {
    result |= (masks >> order[slot] & kEveryMask) << slot;
  }
  return result;
}

bool is_other(NodeRef node) {
  if (Nodes::is_node(node)) return (node & kIsChild) != 0;
  return node != kNoProcess && node != kDead;
}

}  // namespace

void put_idle(State& state, unsigned slot, NodeRef node) {
  state.words[kNodes + slot] = node;
  state.words[kTouchedOwnsClaimingBusy] &= ~(kEveryMask << slot);
  state.words[kGivesUpProbingOthersBegun] &= ~(kEveryMask << slot);
}

void put_dead(State& state, unsigned slot, bool present, const Nodes& nodes) {
  const NodeRef dead = has(others(state), slot) ? kDeadOther : kDead;
  put(state, slot, present ? dead : kNoProcess, nodes);
}

void put(State& state, unsigned slot, NodeRef node, const Nodes& nodes) {
  state.words[kNodes + slot] = node;
  std::uint32_t& masks = state.words[kTouchedOwnsClaimingBusy];
  std::uint32_t& more = state.words[kGivesUpProbingOthersBegun];
  const std::uint32_t touched = masks & bit(slot);
  masks &= ~(kEveryMask << slot);
  more &= ~((kEveryMask & 0xffffff) << slot);
  if (is_other(node)) more |= std::uint32_t{bit(slot)} << 16;
  if (!Nodes::is_node(node)) return;
  const NodeAbout& about = nodes.about(node);
  masks |= touched;
  if (about.attempt == Attempt::kOwns) masks |= std::uint32_t{bit(slot)} << 8;
  if (about.attempt == Attempt::kClaiming) masks |= std::uint32_t{bit(slot)} << 16;
  if (about.attempt == Attempt::kBusy) masks |= std::uint32_t{bit(slot)} << 24;
  if (about.attempt == Attempt::kGivesUp) more |= bit(slot);
  if (about.probing) more |= std::uint32_t{bit(slot)} << 8;
}

void reorder(State& state, const Order& order) {
  const State old = state;
  for (unsigned slot = 0; slot < kProcesses; ++slot) {
    state.words[kNodes + slot] = old.words[kNodes + order[slot]];
  }
  for (const unsigned masks : {kTouchedOwnsClaimingBusy, kGivesUpProbingOthersBegun}) {
    state.words[masks] = reordered(old.words[masks], order);
  }
}

Fingerprint fingerprint(const State& state, const Store& store, const Nodes& nodes) {
  std::array<std::uint64_t, 3 + kProcesses> words;
  const About& about = store.about(state.words[kSituation]);
  words[0] = about.fingerprint.high;
  words[1] = about.fingerprint.low;
  words[2] = std::uint64_t{state.words[kFaults]} << 32 | touched(state);
  std::size_t count = 3;
  // Who is there is known by the situation.
  each_of(about.present, [&](unsigned i) { words[count++] = nodes.hash(state.words[kNodes + i]); });
  const XXH128_hash_t hash = XXH3_128bits(words.data(), count * sizeof words[0]);
  return {hash.high64, hash.low64};
}

Facts facts(const State& state, const About& about, unsigned cast) {
  const std::uint32_t masks = state.words[kTouchedOwnsClaimingBusy];
  const std::uint32_t more = state.words[kGivesUpProbingOthersBegun];
  Facts facts;
  facts.present = about.present;
  facts.alive = about.running | about.stopped;
  const unsigned other = others(state);
  facts.cast = static_cast<Places>(about.present & ((1u << cast) - 1) & ~other);
  facts.owns = static_cast<Places>(masks >> 8);
  facts.claiming = static_cast<Places>(masks >> 16);
  facts.busy = static_cast<Places>(masks >> 24);
  facts.gives_up = static_cast<Places>(more);
  facts.probing = static_cast<Places>(more >> 8);
  each_of(other, [&](unsigned slot) {
    if (state.words[kNodes + slot] == kStranger) facts.strangers |= bit(slot);
  });
  facts.record = about.record;
  facts.lock = about.lock;
  return facts;
}

}  // namespace lockproof::sim
