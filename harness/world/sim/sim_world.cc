// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_world.h"

#include <fcntl.h>

#include "sim/signals.h"

namespace lockproof::sim {
namespace {

constexpr std::uint8_t kHome = 1;  // the inode of the directory that processes start in

ProcessState state_of(Life life, bool waiting) {
  switch (life) {
    case Life::kRunning:
      return waiting ? ProcessState::kWaiting : ProcessState::kReady;
    case Life::kStopped:
      return ProcessState::kStopped;
    case Life::kDying:
      return ProcessState::kDying;
    case Life::kReleased:
      return ProcessState::kReleased;
    case Life::kZombie:
      return ProcessState::kZombie;
    case Life::kAbsent:
      break;
  }
  return ProcessState::kGone;
}

Kernel with_home(Tables& tables) {
  Kernel kernel = boot();
  kernel.inodes[kRoot].nlink = 3;
  kernel.inodes[kHome] = {S_IFDIR | 0700, kEmptyText, tables.user, 2};
  kernel.names[0] = {kRoot, kHome, tables.texts.intern("home")};
  return kernel;
}

}  // namespace

Result<> SimWorld::reset(const Start& start) {
  tables_ = std::make_unique<Tables>();
  scripts_.clear();
  snapshots_.clear();
  state_ = State{};
  state_.kernel = with_home(*tables_);
  for (const StartFile& file : start.files) {
    const std::uint8_t slot = spawn(state_.kernel, kHome);
    auto put = put_file(file, slot);
    if (!put.ok()) return put;
    send(state_.kernel, slot, SIGKILL);
    while (can_advance_death(state_.kernel, slot)) advance_death(state_.kernel, slot);
  }
  state_.kernel.last_pid = 0;
  for (const Script& script : start.scripts) {
    std::vector<Call> calls;
    for (const std::string& line : script) {
      auto call = parse_call(line, tables_->texts);
      if (!call.ok()) return usage_error("'" + line + "': " + call.error().sentence);
      calls.push_back(*call);
    }
    Call end;
    end.op = Op::kExit;
    calls.push_back(end);
    const std::uint8_t slot = spawn(state_.kernel, kHome);
    if (slot == kNone) return usage_error("more processes than the model holds");
    add(slot, static_cast<std::uint16_t>(scripts_.size()), 0);
    scripts_.push_back(std::move(calls));
  }
  return Nothing{};
}

Result<> SimWorld::put_file(const StartFile& file, std::uint8_t slot) {
  Call call;
  call.op = Op::kOpenat;
  call.fd = AT_FDCWD;
  call.flags = O_WRONLY | O_CREAT | O_EXCL;
  call.extra = 0600;
  call.text = tables_->texts.intern(file.name);
  const Text content = tables_->texts.intern(file.content);
  if (call.text == kNoText || content == kNoText)
    return usage_error("'" + file.name + "': too long");
  const Answer opened = step(state_.kernel, *tables_, slot, call);
  call = Call{};
  call.op = Op::kWrite;
  call.fd = static_cast<std::int32_t>(opened.result);
  call.text = content;
  const bool made = opened.outcome == Outcome::kDone && opened.result >= 0 &&
                    step(state_.kernel, *tables_, slot, call).outcome == Outcome::kDone;
  return made ? Result<>(Nothing{})
              : usage_error("'" + file.name + "' cannot be made in the model");
}

void SimWorld::add(std::uint8_t slot, std::uint16_t script, std::uint16_t at) {
  Actor& actor = state_.actors[state_.count++];
  actor.slot = slot;
  actor.script = script;
  actor.at = at;
  actor.pid = pid_of(state_.kernel.processes[slot]);
}

ProcessState SimWorld::state(unsigned process) const {
  const Actor& actor = state_.actors[process];
  if (actor.slot == kNone) return ProcessState::kGone;
  return state_of(state_.kernel.processes[actor.slot].life, actor.waiting);
}

const Call& SimWorld::pending(unsigned process) const {
  const Actor& actor = state_.actors[process];
  return scripts_[actor.script][actor.at];
}

bool SimWorld::runs(unsigned process) const {
  const ProcessState now = state(process);
  return now == ProcessState::kReady || now == ProcessState::kWaiting;
}

bool SimWorld::enabled(unsigned process) {
  return runs(process) &&
         sim::enabled(state_.kernel, *tables_, state_.actors[process].slot, pending(process));
}

Answer SimWorld::perform(unsigned process) {
  assert(runs(process));
  Actor& actor = state_.actors[process];
  const Call call = pending(process);
  if (call.op == Op::kFork && state_.count == kActors) return refuse(Refusal::kProcesses);
  const Answer answer = step(state_.kernel, *tables_, actor.slot, call);
  if (answer.outcome == Outcome::kRefused) return answer;
  actor.waiting = answer.outcome == Outcome::kWaits;
  if (actor.waiting) return answer;
  ++actor.at;
  if (call.op == Op::kFork && answer.result > 0) {
    add(slot_of(state_.kernel, answer.result), actor.script, actor.at);
  }
  forget_the_reaped();
  return answer;
}

void SimWorld::forget_the_reaped() {
  for (Actor& actor : state_.actors) {
    if (actor.slot == kNone) continue;
    if (state_.kernel.processes[actor.slot].life == Life::kAbsent) actor.slot = kNone;
  }
}

bool SimWorld::can_step_death(unsigned process) const {
  const std::uint8_t slot = state_.actors[process].slot;
  return slot != kNone && can_advance_death(state_.kernel, slot);
}

void SimWorld::step_death(unsigned process) {
  assert(can_step_death(process));
  advance_death(state_.kernel, state_.actors[process].slot);
  forget_the_reaped();
}

bool SimWorld::inject(Fault fault, unsigned process, std::int64_t value) {
  switch (fault) {
    case Fault::kSignal: {
      const std::uint8_t slot = state_.actors[process].slot;
      const auto signal = static_cast<int>(value);
      if (slot == kNone || !is_modelled(signal)) return false;
      send(state_.kernel, slot, signal);
      return true;
    }
    case Fault::kReusePid:
      return reuse_pid(state_.kernel, static_cast<int>(value));
    case Fault::kTime: {
      const std::int64_t next = next_wake_ns(state_.kernel);
      if (next == 0) return false;
      advance_clock(state_.kernel, std::max(next, state_.kernel.now_ns));
      return true;
    }
    case Fault::kWallClock:
      state_.kernel.wall_ns += value;
      return true;
  }
  return false;
}

World::Snapshot SimWorld::snapshot() {
  snapshots_.push_back(state_);
  return snapshots_.size() - 1;
}

}  // namespace lockproof::sim
