// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_space.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/home.h"

namespace lockproof::sim {
namespace {

bool has(unsigned places, unsigned slot) { return (places >> slot & 1) != 0; }
Places bit(unsigned slot) { return static_cast<Places>(1u << slot); }

// Calls `each` with every slot in `places`.
template <class Each>
void each_of(unsigned places, Each each) {
  for (; places != 0; places &= places - 1) each(static_cast<unsigned>(std::countr_zero(places)));
}

constexpr std::uint32_t kEveryMask = 0x01010101;  // a slot's bit, in each byte of a word

// The bits of each byte, those of slot order[i] at i.
std::uint32_t reordered(std::uint32_t masks, const Order& order) {
  std::uint32_t result = 0;
  for (unsigned slot = 0; slot < kProcesses; ++slot) {
    result |= (masks >> order[slot] & kEveryMask) << slot;
  }
  return result;
}

struct FaultInfo {
  FaultLeft left;
  Act act;
  Letter letter;
};
constexpr FaultInfo kFaultsOfOne[] = {
    {FaultLeft::kKill, Act::kKill, Letter::kKill},
    {FaultLeft::kTerm, Act::kTerm, Letter::kTerm},
    {FaultLeft::kStop, Act::kStop, Letter::kStop},
    {FaultLeft::kExecChild, Act::kExecChild, Letter::kExecChild},
};

}  // namespace

Result<std::unique_ptr<SimSpace>> SimSpace::make(SpaceStart start, Tables& tables) {
  std::unique_ptr<SimSpace> space(new SimSpace(std::move(start), tables));
  if (auto begun = space->begin(); !begun.ok()) return begun.error();
  return space;
}

SimSpace::SimSpace(SpaceStart start, Tables& tables)
    : start_(std::move(start)),
      tables_(tables),
      naming_(tables.texts),
      store_(tables, naming_, start_.roles),
      steps_(tables, naming_, store_, nodes_, start_.rules) {}

Result<> SimSpace::begin() {
  Situation situation{};
  situation.kernel = boot_with_home(tables_);
  for (const auto& [name, content] : start_.files) {
    if (auto put = put_file(situation.kernel, tables_, name, content); !put.ok()) return put;
  }
  std::map<const Program*, unsigned> programs;
  for (unsigned slot = 0; slot < kProcesses; ++slot) put(first_, slot, kNoProcess);
  for (const Contender& contender : start_.cast) {
    const std::uint8_t slot = spawn(situation.kernel, kHomeInode);
    if (slot == kNone) return usage_error("more processes than the model holds");
    auto [program, fresh] = programs.try_emplace(contender.program, 0);
    if (fresh) program->second = nodes_.add(*contender.program);
    NodeRef node = Nodes::first_of(program->second);
    if (start_.rules.pids == Pids::kSymbolic) {
      situation.views[slot] = {{situation.kernel.processes[slot].pid}, 1};
    }
    std::uint8_t says = 0;
    if (auto passed = steps_.pass(situation, slot, node, says); !passed.ok()) return passed;
    put(first_, slot, node);
    if (contender.late) late_ |= bit(slot);
    const bool exchangeable =
        start_.symmetry && start_.rules.pids == Pids::kSymbolic && !contender.late;
    class_[slot] = exchangeable ? static_cast<std::uint8_t>(program->second + 1) : std::uint8_t{0};
  }
  if (!canonicalize(situation, kSameOrder, start_.rules.pids, tables_, naming_)) {
    return usage_error("the start mentions more pids than the model holds");
  }
  first_.words[kSituation] = store_.put(situation);
  // Nobody has begun: what they say before their first call is said with it.
  first_.words[kTouchedOwnsClaimingBusy] = first_.words[kGivesUpProbingStrangersBegun] = 0;
  for (unsigned i = 0; i < start_.faults.size(); ++i) {
    first_.words[kFaults] |= std::uint32_t{std::min<std::uint8_t>(start_.faults[i], 15)} << (4 * i);
  }
  return Nothing{};
}

unsigned SimSpace::left(const State& state, FaultLeft fault) {
  return state.words[kFaults] >> (4 * static_cast<unsigned>(fault)) & 15;
}

void SimSpace::put(State& state, unsigned slot, NodeRef node) const {
  state.words[kNodes + slot] = node;
  std::uint32_t& masks = state.words[kTouchedOwnsClaimingBusy];
  std::uint32_t& more = state.words[kGivesUpProbingStrangersBegun];
  const std::uint32_t touched = masks & bit(slot);
  masks &= ~(kEveryMask << slot);
  more &= ~((kEveryMask & 0xffffff) << slot);
  if (node == kStranger) more |= std::uint32_t{bit(slot)} << 16;
  if (!Nodes::is_node(node)) return;
  const NodeAbout& about = nodes_.about(node);
  masks |= touched;
  if (about.attempt == Attempt::kOwns) masks |= std::uint32_t{bit(slot)} << 8;
  if (about.attempt == Attempt::kClaiming) masks |= std::uint32_t{bit(slot)} << 16;
  if (about.attempt == Attempt::kBusy) masks |= std::uint32_t{bit(slot)} << 24;
  if (about.attempt == Attempt::kGivesUp) more |= bit(slot);
  if (about.probing) more |= std::uint32_t{bit(slot)} << 8;
}

Fingerprint SimSpace::fingerprint(const State& state) {
  std::array<std::uint64_t, 2 + kProcesses + 1> words;
  const Fingerprint& situation = store_.about(state.words[kSituation]).fingerprint;
  words[0] = situation.high;
  words[1] = situation.low;
  for (unsigned i = 0; i < kProcesses; ++i) words[2 + i] = nodes_.hash(state.words[kNodes + i]);
  words[2 + kProcesses] =
      std::uint64_t{state.words[kFaults]} << 32 | (state.words[kTouchedOwnsClaimingBusy] & 0xff);
  const XXH128_hash_t hash = XXH3_128bits(words.data(), sizeof words);
  return {hash.high64, hash.low64};
}

void SimSpace::prefetch(const State& state) const {
  steps_.prefetch(state.words[kSituation]);
  __builtin_prefetch(&store_.about(state.words[kSituation]));
}

Result<> SimSpace::expand(const State& state, std::vector<Successor>& out) {
  const About& about = store_.about(state.words[kSituation]);
  const unsigned waking = about.waking, asleep = about.asleep, stopped = about.stopped;
  // Who has not begun need not take part. Once the late one has begun, it does not.
  unsigned not_begun = 0;
  each_of(about.running, [&](unsigned slot) {
    if (!begun(state, slot)) not_begun |= bit(slot);
  });
  bool late_has_begun = false;
  each_of(late_, [&](unsigned slot) { late_has_begun = late_has_begun || begun(state, slot); });
  const unsigned idle = not_begun & late_;
  bool moved = stopped != 0;
  Result<> result = Nothing{};
  const auto let_go = [&](unsigned slot) {
    if (!result.ok()) return;
    const auto went = go(state, slot, out);
    if (!went.ok())
      result = went.error();
    else
      moved = moved || *went;
  };
  each_of((about.running | about.dying) & ~not_begun, let_go);
  if (start_.rules.time == TimeMode::kOrdered && waking == 0 && asleep != 0) {
    moved = true;
    if (auto added = add_clock(state, out); !added.ok()) return added;
  }
  if (!moved) each_of(idle, let_go);
  if (!late_has_begun) each_of(not_begun & ~idle, let_go);
  return result.ok() ? add_faults(state, out) : result;
}

// Its next step; false: there is none.
Result<bool> SimSpace::go(const State& state, unsigned slot, std::vector<Successor>& out) {
  const SituationId from = state.words[kSituation];
  const NodeRef node = state.words[kNodes + slot];
  const bool dying = has(store_.about(from).dying, slot);
  if (!dying && !Nodes::is_node(node)) return false;  // a stranger
  const auto place = static_cast<std::uint8_t>(slot);
  const auto found = dying ? steps_.act(from, place, Act::kDeath) : steps_.call(from, place, node);
  if (!found.ok()) return found.error();
  const Edge edge = **found;
  if (edge.outcome == Edge::Outcome::kDisabled) return false;
  if (edge.outcome == Edge::Outcome::kRefused) return true;
  Successor successor;
  successor.state = state;
  successor.step.choice = {place, 0};
  successor.step.kind = dying ? Transition::Kind::kDeath : Transition::Kind::kCall;
  successor.step.place = place;
  if (auto added = finish(state, edge, successor, out); !added.ok()) return added.error();
  return true;
}

Result<> SimSpace::add_clock(const State& state, std::vector<Successor>& out) {
  const Situation situation = store_.get(state.words[kSituation]);
  std::uint8_t first = kNone;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const std::uint32_t wake = situation.kernel.processes[slot].wake;
    if (wake == 0) continue;
    if (first == kNone || wake < situation.kernel.processes[first].wake) first = slot;
  }
  const auto found = steps_.act(state.words[kSituation], first, Act::kTime);
  if (!found.ok()) return found.error();
  const Edge edge = **found;
  Successor successor;
  successor.state = state;
  successor.step.choice = {kClockActor, 0};
  successor.step.kind = Transition::Kind::kClock;
  successor.step.place = first;
  return finish(state, edge, successor, out);
}

// A fault on a process that has not begun would be the same as one process less. Once the late one
// has begun there are none: it is there to see what is left.
Result<> SimSpace::add_faults(const State& state, std::vector<Successor>& out) {
  const About& about = store_.about(state.words[kSituation]);
  const unsigned stopped = about.stopped, running = about.running;
  Result<> result = Nothing{};
  each_of(stopped, [&](unsigned slot) {
    if (!result.ok()) return;
    result = add_fault(
        state, slot, Act::kContinue,
        {static_cast<std::uint8_t>(Letter::kStop), static_cast<std::uint16_t>(kGoOn + slot)},
        state.words[kFaults], out);
  });
  if (state.words[kFaults] == 0) return result;
  unsigned victims = 0;
  bool late = false;
  const unsigned cast = (1u << start_.cast.size()) - 1;
  each_of(cast, [&](unsigned slot) {
    if (!begun(state, slot)) return;
    victims |= bit(slot);
    late = late || has(late_, slot);
  });
  if (late) return result;
  const unsigned owners = state.words[kTouchedOwnsClaimingBusy] >> 8 & 0xff;
  for (const FaultInfo& fault : kFaultsOfOne) {
    if (left(state, fault.left) == 0) continue;
    unsigned standing = running | stopped;
    if (fault.left == FaultLeft::kStop) standing = running;
    if (fault.left == FaultLeft::kExecChild) standing = running & owners;
    const std::uint32_t less =
        state.words[kFaults] - (1u << (4 * static_cast<unsigned>(fault.left)));
    each_of(victims & standing, [&](unsigned slot) {
      if (!result.ok()) return;
      result = add_fault(
          state, slot, fault.act,
          {static_cast<std::uint8_t>(fault.letter), static_cast<std::uint16_t>(slot)}, less, out);
    });
  }
  return result;
}

Result<> SimSpace::add_fault(const State& state, unsigned slot, Act act, Choice choice,
                             std::uint32_t faults_left, std::vector<Successor>& out) {
  const auto place = static_cast<std::uint8_t>(slot);
  const auto found = steps_.act(state.words[kSituation], place, act);
  if (!found.ok()) return found.error();
  const Edge edge = **found;
  if (edge.outcome == Edge::Outcome::kRefused) return Nothing{};
  Successor successor;
  successor.state = state;
  successor.state.words[kFaults] = faults_left;
  successor.step.choice = choice;
  successor.step.kind =
      act == Act::kContinue ? Transition::Kind::kContinue : Transition::Kind::kFault;
  successor.step.place = place;
  return finish(state, edge, successor, out);
}

Result<> SimSpace::finish(const State& before, const Edge& edge, Successor& successor,
                          std::vector<Successor>& out) {
  State& state = successor.state;
  state.words[kSituation] = edge.to;
  if (edge.act == Act::kCall) {
    state.words[kGivesUpProbingStrangersBegun] |= std::uint32_t{bit(edge.slot)} << 24;
    judge(before, edge, successor);
    put(state, edge.slot, edge.node);
  }
  if (edge.child != kNone) {
    put(state, edge.child, edge.child_node);
    state.words[kGivesUpProbingStrangersBegun] |= std::uint32_t{bit(edge.child)} << 24;
  }
  const About& old = store_.about(before.words[kSituation]);
  const About& about = store_.about(edge.to);
  each_of((old.present & ~(about.running | about.stopped)),
          [&](unsigned slot) { put(state, slot, has(about.present, slot) ? kDead : kNoProcess); });
  if (auto sorted = sort(successor); !sorted.ok()) return sorted;
  successor.fingerprint = fingerprint(state);
  out.push_back(successor);
  return Nothing{};
}

// What the step says about promises that are about steps.
void SimSpace::judge(const State& before, const Edge& edge, Successor& successor) const {
  Transition& step = successor.step;
  step.changed = edge.changed;
  step.signalled = edge.signalled;
  step.tree_changed = edge.tree_changed;
  step.exits_in_error = edge.exits_in_error;
  step.said_busy = (edge.says & kSaysBusy) != 0;
  step.said_failed = (edge.says & kSaysFailed) != 0;
  const NodeAbout& asked = nodes_.about(edge.what);
  const bool late = has(late_, edge.slot);
  const bool owned = edge.exits ? asked.has_owned : nodes_.about(edge.node).has_owned;
  step.late_lost = late && !owned && (edge.exits || step.said_busy || step.said_failed);
  if (edge.changed == 0 && (edge.says & (kSaysClaims | kSaysBusy)) == 0) return;
  std::uint32_t& masks = successor.state.words[kTouchedOwnsClaimingBusy];
  if (edge.changed != 0 && asked.attempt == Attempt::kClaiming) {
    const bool creates_lock = edge.changed >> 4 == 1 + static_cast<int>(Change::kCreate);
    const bool harmless = creates_lock && (edge.changed & 15) == 0;
    if ((facts(before).owns & ~bit(edge.slot)) != 0 && !harmless) masks |= bit(edge.slot);
  }
  step.touched = has(masks, edge.slot);
  if ((edge.says & kSaysClaims) != 0) masks &= ~std::uint32_t{bit(edge.slot)};
}

// Contenders of one program in the order of their nodes, and of what the kernel knows of them.
Result<> SimSpace::sort(Successor& successor) {
  auto& words = successor.state.words;
  const About& about = store_.about(words[kSituation]);
  const auto key = [&](std::uint8_t slot) {
    return std::tuple(nodes_.hash(words[kNodes + slot]), about.keys[slot],
                      words[kTouchedOwnsClaimingBusy] >> slot & 1);
  };
  Order order = kSameOrder;
  bool sorted = true;
  for (std::uint8_t slot = 1; slot < start_.cast.size(); ++slot) {
    if (class_[slot] == 0) continue;
    // Insertion among those of its class.
    for (std::uint8_t at = slot; at > 0;) {
      std::uint8_t before = at;
      while (before > 0 && class_[before - 1] != class_[slot]) --before;
      if (before == 0) break;
      --before;
      if (!(key(order[at]) < key(order[before]))) break;
      std::swap(order[at], order[before]);
      sorted = false;
      at = before;
    }
  }
  successor.order = order;
  if (sorted) return Nothing{};
  const auto found = steps_.reorder(words[kSituation], pack(order));
  if (!found.ok()) return found.error();
  if ((*found)->outcome == Edge::Outcome::kRefused) {
    successor.order = kSameOrder;
    return Nothing{};
  }
  const State old = successor.state;
  words[kSituation] = (*found)->to;
  for (unsigned slot = 0; slot < kProcesses; ++slot) {
    words[kNodes + slot] = old.words[kNodes + order[slot]];
  }
  for (const unsigned masks : {kTouchedOwnsClaimingBusy, kGivesUpProbingStrangersBegun}) {
    words[masks] = reordered(old.words[masks], order);
  }
  return Nothing{};
}

Facts SimSpace::facts(const State& state) const {
  const About& about = store_.about(state.words[kSituation]);
  const std::uint32_t masks = state.words[kTouchedOwnsClaimingBusy];
  const std::uint32_t more = state.words[kGivesUpProbingStrangersBegun];
  Facts facts;
  facts.present = about.present;
  facts.alive = about.running | about.stopped;
  facts.cast = static_cast<Places>(about.present & ((1u << start_.cast.size()) - 1));
  facts.owns = static_cast<Places>(masks >> 8);
  facts.claiming = static_cast<Places>(masks >> 16);
  facts.busy = static_cast<Places>(masks >> 24);
  facts.gives_up = static_cast<Places>(more);
  facts.probing = static_cast<Places>(more >> 8);
  facts.strangers = static_cast<Places>(more >> 16);
  facts.record = about.record;
  facts.lock = about.lock;
  return facts;
}

std::size_t SimSpace::bytes() const {
  return store_.bytes() + steps_.bytes() + nodes_.size() * 150;
}

}  // namespace lockproof::sim
