// SPDX-License-Identifier: Apache-2.0
#include "sim/expansion.h"

#include <utility>

namespace lockproof::sim {

Expansion::Expansion(const Cast& cast, const Store& store, const Nodes& nodes, const Steps& steps,
                     Steps* learner, std::vector<Successor>& out)
    : cast_(cast), store_(store), nodes_(nodes), steps_(steps), learner_(learner), out_(out) {}

Result<bool> Expansion::run(const State& state, Places asleep) {
  state_ = &state;
  asleep_ = asleep;
  const About about = store_.about(state.words[kSituation]);
  // Who has not begun need not take part. Once the late one has begun, it does not.
  const unsigned not_begun = about.running & ~begun(state);
  const unsigned idle = late_waiting();
  const bool late_has_begun = cast_.late != 0 && idle == 0;
  if (left(state, FaultLeft::kKill) != 0 && !late_has_begun) {
    killable_ = static_cast<Places>((about.running | about.stopped) & begun(state) & victims());
  }
  moved_ = about.stopped != 0;
  const auto let_go = [this](unsigned slot) { add_step(slot); };
  each_of((about.running | about.dying) & ~not_begun, let_go);
  if (cast_.time == TimeMode::kOrdered && about.waking == 0 && about.asleep != 0) add_clock();
  if (!moved_) each_of(idle, let_go);
  if (!late_has_begun) each_of(not_begun & ~idle, let_go);
  add_faults();
  if (error_) return *error_;
  return !ended_;
}

Edge Expansion::learn(const Asked& asked) {
  if (learner_ != nullptr) {
    const auto learned = learner_->find(asked);
    if (learned.ok()) return *learned;
    error_ = learned.error();
  }
  ended_ = true;
  return Edge{};
}

void Expansion::add_step(unsigned slot) {
  const SituationId from = state_->words[kSituation];
  const NodeRef node = node_of(*state_, slot);
  const bool dying = has(store_.about(from).dying, slot);
  if (!dying && !Nodes::is_node(node)) return;  // a stranger
  const auto place = static_cast<std::uint8_t>(slot);
  Transition step;
  step.choice = {place, 0};
  step.kind = dying ? Transition::Kind::kDeath : Transition::Kind::kCall;
  step.place = place;
  const bool moved =
      dying ? add({from, 0, place, Act::kDeath}, step) : add({from, node, place, Act::kCall}, step);
  moved_ = moved_ || moved;
}

void Expansion::add_clock() {
  moved_ = true;
  const Situation situation = store_.get(state_->words[kSituation]);
  const auto wake = [&](unsigned slot) { return situation.kernel.processes[slot].wake; };
  std::uint8_t first = kNone;
  each_of(store_.about(state_->words[kSituation]).asleep, [&](unsigned slot) {
    if (first == kNone || wake(slot) < wake(first)) first = static_cast<std::uint8_t>(slot);
  });
  Transition step;
  step.choice = {kClockActor, 0};
  step.kind = Transition::Kind::kClock;
  step.place = first;
  add({state_->words[kSituation], 0, first, Act::kTime}, step);
}

bool Expansion::add(const Asked& asked, const Transition& step) {
  return add(asked, step, state_->words[kFaults]);
}

bool Expansion::add(const Asked& asked, const Transition& step, std::uint32_t faults_left) {
  if (ended_) return false;
  const Edge edge = find(asked);
  if (edge.outcome == Edge::Outcome::kUnknown) return false;
  if (edge.outcome == Edge::Outcome::kDisabled) return false;
  if (edge.outcome == Edge::Outcome::kRefused) return true;
  // In place: to copy what was just written piece by piece would wait for the pieces.
  Successor& successor = out_.emplace_back(Successor{*state_, {}, step, kSameOrder, 0});
  successor.state.words[kFaults] = faults_left;
  successor.state.words[kSituation] = edge.to;
  if (edge.act == Act::kCall || is_errno(edge.act)) {
    set_begun(successor.state, edge.slot);
    if (!edge.silent) judge(edge, successor);
    const NodeRef kept = Nodes::is_node(edge.node) ? owned_by_child(*state_, edge.slot) : 0;
    put(successor.state, edge.slot, edge.node | kept, nodes_);
    if ((edge.says & kSaysOwnsForParent) != 0) own_for_parents(edge, edge.slot, successor.state);
  }
  if (edge.child != kNone || edge.act >= Act::kExecChild) follow(edge, successor);
  if (killable_ != 0) successor.asleep = sleeping(edge);
  arrive(edge, successor);
  return true;
}

// Whose kill, after this step, gives what the same kill before it and then the step give. Who owns
// is asked by a step that changes what is an owner's. Where processes change places, the two orders
// may end in two forms of one state; that of who took the step has no second one, as long as nobody
// changed places.
Places Expansion::sleeping(const Edge& edge) {
  if (edge.act != Act::kCall && edge.act != Act::kDeath) return 0;
  unsigned asked = killable_;
  if (cast_.exchangeable) asked &= bit(edge.slot);
  if (edge.changed != 0) asked &= ~(owners(*state_) & ~unsigned{bit(edge.slot)});
  if ((asked & ~edge.sleep_known) == 0) return static_cast<Places>(edge.asleep & asked);
  if (learner_ == nullptr) {
    ended_ = true;
    return 0;
  }
  const auto learned = learner_->find_sleeping(edge.asked(), static_cast<Places>(asked));
  if (learned.ok()) return static_cast<Places>(*learned & asked);
  error_ = learned.error();
  ended_ = true;
  return 0;
}

// What few edges do.
void Expansion::follow(const Edge& edge, Successor& successor) {
  State& state = successor.state;
  if (edge.act == Act::kExecChild) {
    put(state, edge.slot, state.words[kNodes + edge.slot] | kGivenError, nodes_);
  }
  if (edge.child != kNone) {
    put(state, edge.child, edge.child_node, nodes_);
    if (edge.act != Act::kPidReuse) set_begun(state, edge.child);
    const bool plays = Nodes::is_node(edge.child_node);
    if (plays && (nodes_.about(edge.child_node).says & kSaysOwnsForParent) != 0) {
      own_for_parents(edge, edge.child, state);
    }
    successor.step.born = edge.born;
  }
  if (edge.act == Act::kReboot) {
    each_of(edge.what, [&](unsigned slot) { put_idle(state, slot, steps_.started(edge)[slot]); });
  }
}

// Up to the one of the cast.
void Expansion::own_for_parents(const Edge& edge, unsigned child, State& state) const {
  const Situation situation = store_.get(edge.to);
  const auto parent_of = [&](unsigned slot) { return situation.kernel.processes[slot].parent; };
  for (unsigned slot = parent_of(child); slot < kProcesses; slot = parent_of(slot)) {
    if (!Nodes::is_node(state.words[kNodes + slot])) return;
    state.words[kNodes + slot] |= kOwnedByChild;
  }
}

// The dead lose their nodes, the order becomes canonical.
void Expansion::arrive(const Edge& edge, Successor& successor) {
  State& state = successor.state;
  const About& old = store_.about(edge.from);
  const About& about = store_.about(edge.to);
  const unsigned died = (old.running | old.stopped) & ~(about.running | about.stopped);
  each_of(died | (old.present & ~about.present),
          [&](unsigned slot) { put_dead(state, slot, has(about.present, slot), nodes_); });
  if (cast_.exchangeable) sort(successor);
  if (!ended_) successor.fingerprint = fingerprint(state, store_, nodes_);
}

// What the step says about promises that are about steps.
void Expansion::judge(const Edge& edge, Successor& successor) const {
  Transition& step = successor.step;
  step.changed = edge.changed;
  step.signalled = edge.signalled;
  step.tree_changed = edge.tree_changed;
  step.pauses = edge.pauses;
  step.breaks = edge.breaks;
  step.exits_in_error = edge.exits_in_error && (edge.what & kGivenError) == 0;
  step.said_busy = (edge.says & kSaysBusy) != 0;
  step.said_failed = (edge.says & kSaysFailed) != 0;
  const NodeAbout& asked = nodes_.about(edge.what);
  step.probing = asked.probing;
  const bool late = has(cast_.late & ~others(*state_), edge.slot);
  const bool owned = owned_by_child(*state_, edge.slot) != 0 ||
                     (edge.exits ? asked.has_owned : nodes_.about(edge.node).has_owned);
  step.late_lost =
      late && !cast_.launches && !owned && (edge.exits || step.said_busy || step.said_failed);
  if (edge.changed == 0 && (edge.says & (kSaysClaims | kSaysBusy)) == 0) return;
  std::uint32_t& masks = successor.state.words[kTouchedOwnsClaimingBusy];
  if (edge.changed != 0 && asked.attempt == Attempt::kClaiming) {
    const bool harmless = edge.changed == (1 + static_cast<unsigned>(Change::kCreate)) << 4;
    if ((owners(*state_) & ~bit(edge.slot)) != 0 && !harmless) masks |= bit(edge.slot);
  }
  step.touched = has(masks, edge.slot);
  if ((edge.says & kSaysClaims) != 0) masks &= ~std::uint32_t{bit(edge.slot)};
}

// Contenders of one program in the order of their nodes, and of what the kernel knows of them.
void Expansion::sort(Successor& successor) {
  const auto& words = successor.state.words;
  const About& about = store_.about(words[kSituation]);
  const auto key = [&](std::uint8_t slot) {
    return std::tuple(nodes_.hash(words[kNodes + slot]), about.keys[slot],
                      touched(successor.state) >> slot & 1);
  };
  auto kind = cast_.kind;
  each_of(others(successor.state), [&](unsigned slot) { kind[slot] = 0; });
  Order order = kSameOrder;
  bool sorted = true;
  for (std::uint8_t slot = 1; slot < cast_.size; ++slot) {
    if (kind[slot] == 0) continue;
    // Insertion among those of its kind.
    for (std::uint8_t at = slot; at > 0;) {
      std::uint8_t before = at;
      while (before > 0 && kind[before - 1] != kind[slot]) --before;
      if (before == 0) break;
      --before;
      if (!(key(order[at]) < key(order[before]))) break;
      std::swap(order[at], order[before]);
      sorted = false;
      at = before;
    }
  }
  if (sorted) return;
  const Edge found = find({words[kSituation], pack(order), 0, Act::kReorder});
  if (found.outcome != Edge::Outcome::kDone) return;
  const SituationId to = found.to;
  successor.order = order;
  successor.asleep = 0;  // as sleeping() says
  reorder(successor.state, order);
  successor.state.words[kSituation] = to;
}

}  // namespace lockproof::sim
