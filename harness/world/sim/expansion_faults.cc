// SPDX-License-Identifier: Apache-2.0
// The faults among what can happen next: as Moves::faults() (explore/moves.h) has them.
#include "sim/expansion.h"
#include "world/errnos.h"

namespace lockproof::sim {
namespace {

constexpr unsigned kErrnos = 16;  // alternatives of a victim: choices.h

struct SignalInfo {
  FaultLeft left;
  Act act;
  Letter letter;
};
constexpr SignalInfo kSignalsAndChild[] = {
    {FaultLeft::kKill, Act::kKill, Letter::kKill},
    {FaultLeft::kTerm, Act::kTerm, Letter::kTerm},
    {FaultLeft::kStop, Act::kStop, Letter::kStop},
    {FaultLeft::kExecChild, Act::kExecChild, Letter::kExecChild},
};

Choice choice_of(Letter letter, unsigned alternative) {
  return {static_cast<std::uint8_t>(letter), static_cast<std::uint16_t>(alternative)};
}

}  // namespace

unsigned Expansion::cast_here() const { return ((1u << cast_.size) - 1) & ~others(*state_); }

// Strangers, and what executes another program, are at no node.
unsigned Expansion::victims() const {
  unsigned children = cast_.launches ? others(*state_) : 0;
  each_of(children, [&](unsigned slot) {
    if (!Nodes::is_node(state_->words[kNodes + slot])) children &= ~unsigned{bit(slot)};
  });
  return cast_here() | children;
}

unsigned Expansion::late_waiting() const {
  return cast_.late & cast_here() & ~begun(*state_) &
         store_.about(state_->words[kSituation]).running;
}

// Once the late one has begun there are none: it is there to see what is left.
void Expansion::add_faults() {
  const State& state = *state_;
  const SituationId from = state.words[kSituation];
  const unsigned stopped = store_.about(from).stopped;
  each_of(stopped, [&](unsigned slot) {
    Transition step;
    step.choice = choice_of(Letter::kStop, kGoOn + slot);
    step.kind = Transition::Kind::kContinue;
    step.place = static_cast<std::uint8_t>(slot);
    add({from, 0, step.place, Act::kContinue}, step);
  });
  if (state.words[kFaults] == 0 || (cast_.late != 0 && late_waiting() == 0)) return;
  add_signals();
  if (left(state, FaultLeft::kErrno) > 0) add_errnos();
  if (cast_.pids == Pids::kConcrete) {
    if (left(state, FaultLeft::kPidReuse) > 0) add_pid_reuses();
    if (left(state, FaultLeft::kReboot) > 0 && begun(state) != 0) add_reboot();
  }
  if (left(state, FaultLeft::kClockStep) > 0) {
    add_fault(FaultLeft::kClockStep, {from, 0, 0, Act::kClockStep},
              choice_of(Letter::kClockStep, 0));
  }
}

// On a process that has not begun they would be the same as one process less.
void Expansion::add_signals() {
  const State& state = *state_;
  const SituationId from = state.words[kSituation];
  const About& about = store_.about(from);
  const unsigned running = about.running, stopped = about.stopped;
  const unsigned struck = begun(state) & victims();
  for (const SignalInfo& fault : kSignalsAndChild) {
    if (left(state, fault.left) == 0) continue;
    unsigned standing = running | stopped;
    if (fault.left == FaultLeft::kKill) standing &= ~unsigned{asleep_};
    if (fault.left == FaultLeft::kStop) standing = running;
    if (fault.left == FaultLeft::kExecChild) standing = running & owners(state);
    each_of(struck & standing, [&](unsigned slot) {
      add_fault(fault.left, {from, 0, static_cast<std::uint8_t>(slot), fault.act},
                choice_of(fault.letter, slot));
    });
  }
}

// Only what could go on by itself can fail instead.
void Expansion::add_errnos() {
  const State& state = *state_;
  const SituationId from = state.words[kSituation];
  const unsigned running = store_.about(from).running;
  const unsigned idle = late_waiting();
  each_of(running & cast_here() & ~idle, [&](unsigned slot) {
    const NodeRef node = node_of(state, slot);
    const auto place = static_cast<std::uint8_t>(slot);
    const std::size_t count = errnos_of(nodes_.call(node).op).size();
    if (count == 0) return;
    const Edge::Outcome call = find({from, node, place, Act::kCall}).outcome;
    if (call == Edge::Outcome::kUnknown || call == Edge::Outcome::kDisabled) return;
    for (unsigned i = 0; i < count; ++i) {
      add_fault(FaultLeft::kErrno, {from, node, place, errno_act(i)},
                choice_of(Letter::kErrno, slot * kErrnos + i));
    }
  });
}

void Expansion::add_pid_reuses() {
  const SituationId from = state_->words[kSituation];
  const Kernel kernel = store_.get(from).kernel;
  for (unsigned pid = 1; pid < kNamespaces * kPidBlock; ++pid) {
    if (!pid_is_free(kernel, kPidBase + static_cast<int>(pid))) continue;
    add_fault(FaultLeft::kPidReuse, {from, pid, 0, Act::kPidReuse},
              choice_of(Letter::kPidReuse, pid));
  }
}

// Who has not begun starts after it.
void Expansion::add_reboot() {
  const SituationId from = state_->words[kSituation];
  const unsigned starts = store_.about(from).running & ~begun(*state_) & cast_here();
  add_fault(FaultLeft::kReboot, {from, starts, 0, Act::kReboot}, choice_of(Letter::kReboot, 0));
}

void Expansion::add_fault(FaultLeft fault, const Asked& asked, Choice choice) {
  Transition step;
  step.choice = choice;
  step.kind = Transition::Kind::kFault;
  step.place = asked.slot;
  const std::uint32_t less = 1u << (4 * static_cast<unsigned>(fault));
  add(asked, step, state_->words[kFaults] - less);
}

}  // namespace lockproof::sim
