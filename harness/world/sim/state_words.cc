// SPDX-License-Identifier: Apache-2.0
#include "sim/state_words.h"

namespace lockproof::sim {
namespace {

constexpr std::uint32_t kEveryMask = 0x01010101;  // a slot's bit, in each byte of a word

__extension__ using Wide = unsigned __int128;
constexpr Wide wide(std::uint64_t high, std::uint64_t low) { return Wide{high} << 64 | low; }

// From a random source, odd; the last is of what is no process.
constexpr Wide kKeys[kProcesses + 1] = {
    wide(0x6d0b53ae5392c99b, 0x14f748f4406f185d), wide(0x53579b0b0781ce0e, 0xf96386aa245085d3),
    wide(0xea18b200f6283d5c, 0x5ec9fa46f103e833), wide(0x86aaaebdc1ba88dc, 0x4404942b128d7afb),
    wide(0xab36cf7483fd8cc9, 0x5c093936c9f58ca5), wide(0xf368c38b352e96dc, 0x94630d9879bf59e5),
    wide(0xd81beb6bb8a8a788, 0xce4e3c03f85ea045), wide(0xd853c5e216c24039, 0xac13f64c992913d3),
    wide(0x59f0dbced8f57931, 0xc622d0a0e48743fd)};

// What an attempt puts into the two words, of slot 0; by Attempt. Without branches: which attempt
// it is, is as good as random.
constexpr std::uint32_t kMasks[] = {0, 1u << 16, 1u << 24, 1u << 8, 0};
constexpr std::uint32_t kMore[] = {0, 0, 0, 0, 1};
static_assert(static_cast<int>(Attempt::kClaiming) == 1 && static_cast<int>(Attempt::kBusy) == 2 &&
              static_cast<int>(Attempt::kOwns) == 3 && static_cast<int>(Attempt::kGivesUp) == 4);

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
  const auto attempt = static_cast<unsigned>(about.attempt);
  masks |= kMasks[attempt] << slot;
  more |= (kMore[attempt] | std::uint32_t{about.probing} << 8) << slot;
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

// Multilinear: a number for each part (they are hashes themselves), times a random constant for its
// place, added up (Lemire and Kaser, "Strongly universal string hashing is fast", 2014). Who is
// there is known by the situation.
Fingerprint fingerprint(const State& state, const Store& store, const Nodes& nodes) {
  const About& about = store.about(state.words[kSituation]);
  Wide sum = Wide{about.fingerprint.high} << 64 | about.fingerprint.low;
  sum += kKeys[kProcesses] * (std::uint64_t{state.words[kFaults]} << 32 | touched(state));
  each_of(about.present,
          [&](unsigned i) { sum += kKeys[i] * nodes.hash(state.words[kNodes + i]); });
  return {static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum)};
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
  facts.side = static_cast<std::int8_t>(about.side);
  facts.orphans = static_cast<Places>(about.orphans);
  return facts;
}

}  // namespace lockproof::sim
