// SPDX-License-Identifier: Apache-2.0
#include "sim/steps.h"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include "sim/internal.h"
#include "sim/signals.h"

namespace lockproof::sim {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::size_t kRefusalsKept = 8;

// What happened to a file that has a role, as 1 + Change; 0: nothing.
std::uint8_t change_of(const Kernel& before, std::uint8_t old_inode, const Kernel& after,
                       std::uint8_t new_inode, const Texts& texts) {
  const auto code = [](Change change) {
    return static_cast<std::uint8_t>(1 + static_cast<int>(change));
  };
  if (old_inode == new_inode) {
    if (new_inode == kNone) return 0;
    const Text old_text = before.inodes[old_inode].content;
    const Text new_text = after.inodes[new_inode].content;
    if (old_text == new_text) return 0;
    return code(texts[new_text].size() < texts[old_text].size() ? Change::kTruncate
                                                                : Change::kWrite);
  }
  if (old_inode == kNone) return code(Change::kCreate);
  return code(new_inode == kNone ? Change::kUnlink : Change::kReplace);
}

// The slot that a call sends a signal to, or kNone.
std::uint8_t target_of(const Kernel& kernel, std::uint8_t slot, const Call& call) {
  if (call.flags == 0) return kNone;
  if (call.op == Op::kKill) return slot_meant(kernel, slot, call.size);
  if (call.op != Op::kPidfdSendSignal || call.fd < 0 || call.fd >= int{kDescriptors}) return kNone;
  const std::uint8_t fd = kernel.processes[slot].fds[static_cast<std::size_t>(call.fd)];
  if (fd == 0) return kNone;
  const OpenFile& file = kernel.open_files[(fd & ~kCloseOnExec) - 1u];
  return file.kind == Kind::kPidfd ? file.object : kNone;
}

// What a child says that it is.
Role role_in(const std::vector<Said>& said) {
  for (const Said& word : said) {
    if (word.kind == lockproof::Kind::kStart) return static_cast<Role>(word.value);
  }
  return Role::kChild;
}

int signal_of(Act act) {
  switch (act) {
    case Act::kKill:
      return SIGKILL;
    case Act::kTerm:
      return SIGTERM;
    case Act::kStop:
      return SIGSTOP;
    default:
      return SIGCONT;
  }
}

}  // namespace

std::uint32_t pack(const Order& order) {
  std::uint32_t packed = 0;
  for (unsigned i = 0; i < kProcesses; ++i) packed |= std::uint32_t{order[i]} << (3 * i);
  return packed;
}

Order unpack_order(std::uint32_t packed) {
  Order order{};
  for (unsigned i = 0; i < kProcesses; ++i) order[i] = packed >> (3 * i) & 7;
  return order;
}

Steps::Steps(Tables& tables, Naming& naming, Store& store, Nodes& nodes, Rules rules)
    : tables_(tables), naming_(naming), store_(store), nodes_(nodes), rules_(rules) {}

Result<Edge> Steps::find(const Asked& asked) {
  Edge edge = known(asked);
  if (edge.taken()) return edge;
  edge = begun(asked);
  if (auto learned = learn(edge); !learned.ok()) return learned.error();
  if (auto kept = keep(edge); !kept.ok()) return kept.error();
  return edge;
}

// The kill and the step, in both orders. What it asks for, a search asks for anyway. What is far
// away in memory is asked for before it is looked at.
Result<Places> Steps::find_sleeping(const Asked& asked, Places slots) {
  const Edge edge = known(asked);
  const About& after = store_.about(edge.to);
  const unsigned unknown = slots & ~edge.sleep_known & (after.running | after.stopped);
  std::array<Asked, kProcesses> later;
  prefetch_kills(edge.to);
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    if ((unknown >> slot & 1) == 0) continue;
    const auto killed = find_kill(asked.from, slot);
    if (!killed.ok()) return killed.error();
    later[slot] = {*killed, asked.what, asked.slot, asked.act};
    if (*killed != kNowhere) edges_.prefetch_row(*killed);
  }
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const bool leads = (unknown >> slot & 1) != 0 && later[slot].from != kNowhere;
    if (leads) edges_.prefetch(later[slot]);
  }
  Places asleep = 0;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    if ((unknown >> slot & 1) == 0 || later[slot].from == kNowhere) continue;
    const auto then = find_kill(edge.to, slot);
    if (!then.ok()) return then.error();
    if (*then == kNowhere) continue;
    bool same = slot == asked.slot && later[slot].from == *then;
    if (slot != asked.slot) {
      const auto step = find(later[slot]);
      if (!step.ok()) return step.error();
      same = step->leads_as(edge) && step->to == *then;
    }
    if (same) asleep |= static_cast<Places>(1u << slot);
  }
  edges_.note_sleep(asked, slots, asleep);
  return static_cast<Places>((edge.asleep & slots) | asleep);
}

Result<SituationId> Steps::find_kill(SituationId from, std::uint8_t slot) {
  if (const SituationId after = kills_[from][slot]; after != 0 && after != kRefusedKill) {
    return after - 1;
  }
  const auto edge = find({from, 0, slot, Act::kKill});
  if (!edge.ok()) return edge.error();
  return edge->outcome == Edge::Outcome::kDone ? edge->to : kNowhere;
}

Result<> Steps::keep(const Edge& edge) {
  if (edge.act != Act::kKill) return edges_.add(edge);
  const bool refused = edge.outcome == Edge::Outcome::kRefused;
  kills_[edge.from][edge.slot] = refused ? kRefusedKill : edge.to + 1;
  kills_end_ = std::max<std::size_t>(kills_end_, edge.from + 1);
  return Nothing{};
}

Result<> Steps::learn(Edge& edge) {
  if (edge.act == Act::kCall && is_shared(edge)) {
    const auto recalled = recall(edge);
    if (!recalled.ok()) return recalled.error();
    if (*recalled) return Nothing{};
  }
  if (recent_id_ != edge.from) recent_ = store_.get(edge.from);
  recent_id_ = edge.from;
  Situation situation = recent_;
  Kernel& kernel = situation.kernel;
  switch (edge.act) {
    case Act::kCall:
      return learn_call(edge, situation);
    case Act::kDeath:
      advance_death(kernel, edge.slot);
      break;
    case Act::kTime:
      advance_clock(kernel, std::max(kernel.now_ns, kernel.processes[edge.slot].wake * kMs));
      break;
    case Act::kExecChild:
      edge.child = fork_and_exec(kernel, tables_, edge.slot);
      edge.child_node = kIdleChild;
      if (edge.child != kNone) edge.born = kernel.processes[edge.child].pid;
      if (edge.child != kNone) break;
      refuse(edge, Call{}, Refusal::kProcesses);
      return Nothing{};
    case Act::kReorder:
      settle(edge, situation, unpack_order(edge.what));
      return Nothing{};
    case Act::kPidReuse:
      learn_pid_reuse(edge, situation);
      return Nothing{};
    case Act::kReboot:
      return learn_reboot(edge, situation);
    case Act::kClockStep:
      kernel.wall_ns += rules_.clock_step_ns;
      settle(edge, situation, kSameOrder);
      return Nothing{};
    default:
      if (is_errno(edge.act)) return learn_errno(edge, situation);
      send(kernel, edge.slot, signal_of(edge.act));
  }
  pass_deaths(situation, edge.slot);
  settle(edge, situation, kSameOrder);
  return Nothing{};
}

// Who ends by itself, or by a fault, might as well have done so a little later: that its files are
// still open is seen by nobody. Who is killed by another process is seen so by that one.
void Steps::pass_deaths(Situation& situation, std::uint8_t slot) const {
  Kernel& kernel = situation.kernel;
  if (kernel.processes[slot].life == Life::kDying) advance_death(kernel, slot);
  for (std::uint8_t other = 0; other < kProcesses; ++other) {
    while (can_advance_death(kernel, other) && death_is_unnoticed(kernel, tables_, other)) {
      advance_death(kernel, other);
    }
  }
}

// Makes the situation canonical and keeps it; false: it cannot be written down.
bool Steps::settle(Edge& edge, Situation& situation, const Order& order) {
  if (!canonicalize(situation, order, rules_.pids, tables_, naming_)) {
    refuse(edge, Call{}, Refusal::kPidAsNumber);
    return false;
  }
  edge.to = store_.put(situation);
  return true;
}

Result<> Steps::learn_call(Edge& edge, Situation& situation) {
  // What it has said is no step by itself.
  const bool said = hear_before(edge, situation);
  const SituationId from = said ? store_.put(situation) : edge.from;
  const Situation before = situation;
  edge.node = edge.what & ~kNotBegun;
  if (auto asked = ask(edge, situation, edge.node); !asked.ok()) return asked;
  const NodeRef reached = edge.node;
  const NodeRef born_at = edge.child_node;
  const Effects::Answered answered = answered_;
  if (edge.outcome == Edge::Outcome::kDone && !edge.exits) {
    if (auto passed = pass(edge, situation, edge.slot, edge.node); !passed.ok()) return passed;
    std::vector<Said> heard = std::move(heard_);
    if (edge.child != kNone) {
      heard_ = {nodes_.said(edge.child_node).begin(), nodes_.said(edge.child_node).end()};
      Edge born = begun(edge.asked());
      if (auto passed = pass(born, situation, edge.child, edge.child_node); !passed.ok()) {
        return passed;
      }
      const bool in_attempt = nodes_.about(edge.what).attempt == Attempt::kClaiming;
      is_born(situation.remembered, edge.child, role_in(heard_), in_attempt, rules_.remember);
    }
    std::swap(heard, heard_);
    hear(edge, situation, edge.slot);
    heard_ = std::move(heard);
    if (edge.child != kNone) hear(edge, situation, edge.child);
  }
  if (edge.outcome == Edge::Outcome::kRefused) return Nothing{};
  // Many calls only look: what was canonical is.
  const bool changed = std::memcmp(&before, &situation, sizeof before) != 0;
  if (changed) compare(edge, before, situation);
  judge_silence(edge);
  edge.to = from;
  if (changed) pass_deaths(situation, edge.slot);
  const bool settled = !changed || settle(edge, situation, kSameOrder);
  if (settled && edge.outcome == Edge::Outcome::kWaits && edge.to == from) {
    edge.outcome = Edge::Outcome::kDisabled;
  }
  const bool alone = edge.node == reached && edge.child_node == born_at;
  if (!alone || !is_shared(edge)) return Nothing{};
  return effects_.keep(edge, nodes_.about(edge.what).call, answered);
}

// REQUIRES: it exits
bool Steps::is_in_error(const Edge& edge) const {
  const bool is_child = (edge.what & kIsChild) != 0;
  const NodeAbout& about = nodes_.about(edge.what);
  const bool lost = about.attempt == Attempt::kBusy;
  const bool expected = rules_.of_somebody_else && (is_child || lost || !about.has_claimed);
  return nodes_.call(edge.what & ~kNotBegun).flags != 0 && !expected;
}

// What is remembered depends on what was said, hence on the node.
bool Steps::is_shared(const Edge& edge) const {
  return !rules_.remember.anything() && nodes_.about(edge.what).call != 0;
}

Result<bool> Steps::recall(Edge& edge) {
  Edge found = effects_.find(edge.from, edge.slot, nodes_.about(edge.what).call);
  if (!found.taken()) return false;
  const std::uint32_t told_by = found.node;
  found.what = edge.what;
  found.node = edge.what & ~kNotBegun;
  if (found.exits) {
    found.node = kDead;
    found.exits_in_error = is_in_error(found);
  }
  if (found.outcome == Edge::Outcome::kDone && !found.exits) {
    const Effects::Answered& told = effects_.answered(told_by);
    const auto next = nodes_.next(found.node, told.answer, told.hash);
    if (!next.ok()) return next.error();
    if (may_be_local(nodes_.call(*next))) return false;
    if (found.child != kNone) {
      const auto child = nodes_.next(found.node, done(0), hash_of(done(0)));
      if (!child.ok()) return child.error();
      if (may_be_local(nodes_.call(*child))) return false;
      found.child_node = *child;
    }
    found.node = *next;
    found.says = nodes_.about(*next).says;
  }
  edge = found;
  judge_silence(edge);
  return true;
}

void Steps::judge_silence(Edge& edge) {
  edge.silent = edge.changed == 0 && edge.says == 0 && edge.signalled == kNone &&
                !edge.tree_changed && !edge.pauses && !edge.exits && edge.breaks == 0;
}

Result<> Steps::ask(Edge& edge, Situation& situation, NodeRef& node) {
  const bool symbolic = rules_.pids == Pids::kSymbolic;
  const Call asked = nodes_.call(node);
  Call call = asked;
  const auto refuse_it = [&](Refusal why) -> Result<> {
    refuse(edge, asked, why);
    return Nothing{};
  };
  View& view = situation.views[edge.slot];
  if (symbolic && !outward(call, view, naming_)) return refuse_it(Refusal::kPidAsNumber);
  const std::uint8_t target = target_of(situation.kernel, edge.slot, call);
  const std::uint8_t drawn = situation.kernel.processes[edge.slot].random_reads;
  Answer answer = perform(situation, edge.slot, call);
  if (answer.outcome == Outcome::kRefused) return refuse_it(answer.refusal);
  const Process& self = situation.kernel.processes[edge.slot];
  // What it read would be told from another's by nothing but the slot.
  if (symbolic && self.random_reads != drawn) return refuse_it(Refusal::kPidAsNumber);
  if (answer.outcome == Outcome::kWaits) {
    edge.outcome = Edge::Outcome::kWaits;
    return Nothing{};
  }
  if (answer.result >= 0) edge.signalled = target;
  if (edge.signalled != kNone) {
    edge.breaks = sends(situation.remembered, edge.slot, target, rules_.remember);
  }
  edge.pauses = pauses(call);
  if (call.op == Op::kExit) {
    edge.exits = true;
    edge.exits_in_error = is_in_error(edge);
    node = kDead;
    return Nothing{};
  }
  if (call.op == Op::kFork && answer.result > 0) {
    edge.child = slot_meant(situation.kernel, edge.slot, answer.result);
    edge.born = situation.kernel.processes[edge.child].pid;
    situation.views[edge.child] = view;
    const auto child = nodes_.next(node, done(0), hash_of(done(0)));
    if (!child.ok()) return child.error();
    edge.child_node = *child;
  }
  if (symbolic && !inward(call.op, answer, view, naming_)) return refuse_it(Refusal::kPidAsNumber);
  if (symbolic && rules_.of_somebody_else) forget_reaped(call.op, answer, view);
  answered_ = {answer, hash_of(answer)};
  const auto next = nodes_.next(node, answer, answered_.hash);
  if (!next.ok()) return next.error();
  node = *next;
  edge.says |= nodes_.about(node).says;
  const std::span<const Said> said = nodes_.said(node);
  heard_.insert(heard_.end(), said.begin(), said.end());
  return Nothing{};
}

// Where it has just become the owner it stays: that it owns must be seen.
Result<> Steps::pass(Edge& edge, Situation& situation, std::uint8_t slot, NodeRef& node) {
  while (situation.kernel.processes[slot].life == Life::kRunning &&
         (rules_.of_somebody_else ? may_be_local(nodes_.call(node))
                                  : is_local(situation.kernel, slot, nodes_.call(node))) &&
         (nodes_.about(node).says & kSaysOwns) == 0) {
    Edge passed{};
    passed.slot = slot;
    if (auto asked = ask(passed, situation, node); !asked.ok()) return asked;
    if (passed.outcome == Edge::Outcome::kRefused) break;
    edge.says |= passed.says;
  }
  return Nothing{};
}

Result<> Steps::open(Situation& situation, std::uint8_t slot, NodeRef& node) {
  Edge opened{};
  heard_ = {nodes_.said(node).begin(), nodes_.said(node).end()};
  if (auto passed = pass(opened, situation, slot, node); !passed.ok()) return passed;
  if (!heard_.empty()) openings_[node] = heard_;
  heard_.clear();
  return Nothing{};
}

bool Steps::hear_before(Edge& edge, Situation& situation) {
  const Remembered before = situation.remembered;
  heard_.clear();
  if ((edge.what & kNotBegun) != 0) {
    const auto found = openings_.find(edge.what & ~kNotBegun);
    if (found != openings_.end()) heard_ = found->second;
    hear(edge, situation, edge.slot);
  }
  goes_on(situation.remembered, edge.slot, (edge.what & kNotBegun) != 0, rules_.remember);
  return !(situation.remembered == before);
}

Places Steps::children_of(const Kernel& kernel, std::uint8_t slot) {
  Places children = 0;
  for (std::uint8_t other = 0; other < kProcesses; ++other) {
    const Process& process = kernel.processes[other];
    if (process.life != Life::kAbsent && process.parent == slot) {
      children |= static_cast<Places>(1u << other);
    }
  }
  return children;
}

// Who has ended says nothing, and has said nothing.
void Steps::hear(Edge& edge, Situation& situation, std::uint8_t slot) {
  Places gone = 0;
  for (std::uint8_t other = 0; other < kProcesses; ++other) {
    const Life life = situation.kernel.processes[other].life;
    if (life != Life::kRunning && life != Life::kStopped) gone |= static_cast<Places>(1u << other);
  }
  Remembered& remembered = situation.remembered;
  if (!remembered.empty()) forget(remembered, gone);
  Breaks breaks = edge.breaks;
  if ((gone >> slot & 1) == 0) {
    for (const Said& said : heard_) {
      if (rules_.remember.starts && is_of_an_attempt(said.kind)) {
        hear_parent(remembered, children_of(situation.kernel, slot), said.kind);
      }
      breaks |= sim::hear(remembered, slot, said, rules_.remember);
    }
  }
  edge.breaks = breaks;
  heard_.clear();
}

Answer Steps::perform(Situation& situation, std::uint8_t slot, const Call& call) {
  Kernel& kernel = situation.kernel;
  const Answer answer = step(kernel, tables_, slot, call);
  const std::int64_t wake = kernel.processes[slot].wake * kMs;
  if (answer.outcome != Outcome::kWaits || wake == 0 || rules_.time == TimeMode::kOrdered) {
    return answer;
  }
  advance_clock(kernel, std::max(kernel.now_ns, wake));
  return step(kernel, tables_, slot, call);
}

void Steps::refuse(Edge& edge, const Call& call, Refusal refusal) {
  edge.outcome = Edge::Outcome::kRefused;
  pids_are_numbers_ = pids_are_numbers_ || refusal == Refusal::kPidAsNumber;
  if (refusals_.size() == kRefusalsKept) return;
  std::string text = fmt::format("{}: {}", format(call, tables_.texts), sentence(refusal));
  if (std::find(refusals_.begin(), refusals_.end(), text) == refusals_.end()) {
    refusals_.push_back(std::move(text));
  }
}

void Steps::compare(Edge& edge, const Situation& before, const Situation& after) const {
  const Kernel& old = before.kernel;
  const Kernel& now = after.kernel;
  const std::uint8_t record =
      change_of(old, store_.record_inode(old), now, store_.record_inode(now), tables_.texts);
  const std::uint8_t lock =
      change_of(old, store_.lock_inode(old), now, store_.lock_inode(now), tables_.texts);
  const std::uint8_t side =
      change_of(old, store_.side_inode(old), now, store_.side_inode(now), tables_.texts);
  edge.changed = static_cast<std::uint16_t>(record | lock << 4 | side << 8);
  for (unsigned i = 0; i < kInodes; ++i) {
    const bool named = old.inodes[i].nlink > 0 && now.inodes[i].nlink > 0;
    const bool same = old.inodes[i].content == now.inodes[i].content;
    edge.tree_changed = edge.tree_changed || (named && !same);
  }
  edge.tree_changed =
      edge.tree_changed || std::memcmp(&old.names, &now.names, sizeof old.names) != 0;
}

std::uint64_t Steps::hash_of(const Answer& answer) const {
  Answer bare = answer;
  const std::uint64_t text = tables_.texts.hash(bare.text);
  bare.text = kEmptyText;
  return XXH3_64bits(&bare, sizeof bare) ^ text * 0x9e3779b97f4a7c15u;
}

}  // namespace lockproof::sim
