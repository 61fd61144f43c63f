// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_world.h"

#include <fcntl.h>
#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <csignal>

#include "program/script.h"
#include "sim/canonical.h"
#include "sim/home.h"
#include "sim/signals.h"
#include "sim/viewed_program.h"

namespace lockproof::sim {
namespace {

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

}  // namespace

Result<> SimWorld::reset(const Start& start) {
  tables_ = std::make_unique<Tables>(*start.texts);
  tables_->states_are_seen = start.deaths_are_seen;
  auto idle = ScriptProgram::parse({"poll -1 -1 -1 -1"}, *start.texts);
  if (!idle) return idle.error();
  idle_ = std::make_unique<ScriptProgram>(std::move(*idle));
  programs_ = {idle_.get()};
  snapshots_.clear();
  refusal_.clear();
  state_ = State{};
  state_.kernel = boot_with_home(*tables_);
  for (const StartFile& file : start.files) {
    auto put = put_file(state_.kernel, *tables_, file.name, file.content);
    if (!put.ok()) return put;
  }
  set_uptime(state_.kernel, start.uptime_ns);
  for (Program* const program : start.cast) {
    const std::size_t place = programs_.size() - 1;
    const unsigned space = place < start.namespaces.size() ? start.namespaces[place] : 0;
    const std::uint8_t slot = spawn(state_.kernel, kHomeInode, space);
    if (slot == kNone)
      return usage_error(ErrorCode::kTooMany, "more processes than the model holds");
    programs_.push_back(program);
    add(slot, static_cast<std::uint8_t>(programs_.size() - 1), 0);
    if (auto passed = pass(state_.actors[state_.count - 1]); !passed.ok()) return passed;
  }
  for (const int pid : start.strangers) {
    const std::uint8_t slot = spawn_stranger(state_.kernel, kHomeInode, pid);
    if (slot == kNone)
      return usage_error(ErrorCode::kTooMany,
                         fmt::format("no place for a stranger with pid {}", pid));
    add_idle(slot);
  }
  return Nothing{};
}

// To `node`, and through the calls that ask only who one is (rule 4).
Result<> SimWorld::pass(Actor& actor) {
  Program& program = *programs_[actor.program];
  actor.said_count = 0;
  for (;;) {
    bool owns = false;
    for (const Said& word : program.said(actor.node)) {
      owns = owns || word.kind == lockproof::Kind::kOwns;
      if (actor.said_count == actor.said.size()) {
        return usage_error(ErrorCode::kTooMany, "a process that says too much between two calls");
      }
      actor.said[actor.said_count++] = word;
    }
    const bool runs = state_.kernel.processes[actor.slot].life == Life::kRunning;
    const Call& call = program.call(actor.node);
    const bool is_somebody_else = program.command() != nullptr;
    const bool passes =
        is_somebody_else ? may_be_local(call) : is_local(state_.kernel, actor.slot, call);
    if (owns || !runs || !passes) return Nothing{};
    const auto next = program.next(actor.node, step(state_.kernel, *tables_, actor.slot, call));
    if (!next.ok()) return next.error();
    actor.node = *next;
  }
}

void SimWorld::add(std::uint8_t slot, std::uint8_t program, Node node) {
  Actor& actor = state_.actors[state_.count++];
  actor = Actor{};
  actor.slot = slot;
  actor.program = program;
  actor.node = node;
  actor.pid = pid_of(state_.kernel.processes[slot]);
}

void SimWorld::add_idle(std::uint8_t slot) {
  add(slot, 0, 0);
  state_.actors[state_.count - 1].begun = true;
}

ProcessState SimWorld::state(unsigned process) const {
  const Actor& actor = state_.actors[process];
  if (actor.slot == kNone) return ProcessState::kGone;
  return state_of(state_.kernel.processes[actor.slot].life, actor.waiting);
}

const Call& SimWorld::pending(unsigned process) const {
  return program_of(process).call(state_.actors[process].node);
}

std::span<const Said> SimWorld::said(unsigned process) const {
  const Actor& actor = state_.actors[process];
  return {actor.said.data(), actor.said_count};
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
  const auto refused = [&](Refusal refusal) {
    return refuse_because(process, call, refusal, sentence(refusal));
  };
  if (call.op == Op::kFork && state_.count == kActors) return refused(Refusal::kProcesses);
  const Answer answer = step(state_.kernel, *tables_, actor.slot, call);
  if (answer.outcome == Outcome::kRefused) return refused(answer.refusal);
  actor.begun = true;
  actor.waiting = answer.outcome == Outcome::kWaits;
  if (call.op == Op::kExit) note_deaths();
  if (actor.waiting || call.op == Op::kExit) return answer;
  const Node from = actor.node;
  const auto next = program_of(process).next(from, answer);
  if (!next) return refuse_because(process, call, Refusal::kProgram, next.error().sentence);
  actor.node = *next;
  if (call.op == Op::kFork && answer.result > 0) {
    const auto child = program_of(process).next(from, done(0));
    if (!child) return refuse_because(process, call, Refusal::kProgram, child.error().sentence);
    add(slot_meant(state_.kernel, actor.slot, answer.result), actor.program, *child);
    Actor& born = state_.actors[state_.count - 1];
    born.begun = true;
    if (auto passed = pass(born); !passed.ok()) {
      return refuse_because(process, call, Refusal::kProgram, passed.error().sentence);
    }
  }
  if (auto passed = pass(actor); !passed.ok()) {
    return refuse_because(process, call, Refusal::kProgram, passed.error().sentence);
  }
  note_deaths();
  return answer;
}

Answer SimWorld::refuse_because(unsigned process, const Call& call, Refusal refusal,
                                std::string_view why) {
  refusal_ = fmt::format("process {}, '{}': {}", process, format(call, tables_->texts), why);
  return refuse(refusal);
}

// The kernel forgets who was reaped; a place keeps how it ended.
void SimWorld::note_deaths() {
  for (Actor& actor : state_.actors) {
    if (actor.slot == kNone) continue;
    const sim::Process& process = state_.kernel.processes[actor.slot];
    if (process.life == Life::kAbsent) {
      actor.slot = kNone;
    } else if (process.life >= Life::kDying) {
      actor.status = process.status;
    }
  }
}

bool SimWorld::can_step_death(unsigned process) const {
  const std::uint8_t slot = state_.actors[process].slot;
  return slot != kNone && can_advance_death(state_.kernel, slot);
}

void SimWorld::step_death(unsigned process) {
  assert(can_step_death(process));
  advance_death(state_.kernel, state_.actors[process].slot);
  note_deaths();
}

bool SimWorld::inject(Fault fault, unsigned process, std::int64_t value) {
  switch (fault) {
    case Fault::kSignal:
      return send_signal(process, value);
    case Fault::kReusePid:
      return reuse_pid(state_.kernel, static_cast<int>(value));
    case Fault::kTime:
      return let_time_pass(process);
    case Fault::kWallClock:
      state_.kernel.wall_ns += value;
      return true;
    case Fault::kErrno:
      return fail_call(process, value);
    case Fault::kReboot:
      return restart();
    case Fault::kExecChild:
      return add_exec_child(process);
    case Fault::kStranger:
      return add_stranger(value);
  }
  return false;
}

bool SimWorld::send_signal(unsigned process, std::int64_t signal) {
  const std::uint8_t slot = state_.actors[process].slot;
  if (slot == kNone || !is_modelled(static_cast<int>(signal))) return false;
  send(state_.kernel, slot, static_cast<int>(signal));
  note_deaths();
  return true;
}

bool SimWorld::let_time_pass(unsigned process) {
  const std::int64_t end = wakes_at(process);
  if (end == 0) return false;
  advance_clock(state_.kernel, std::max(end, state_.kernel.now_ns));
  return true;
}

// What was caught before the call is told with its answer, as by step().
bool SimWorld::fail_call(unsigned process, std::int64_t error) {
  Actor& actor = state_.actors[process];
  if (!enabled(process) || pending(process).op == Op::kExit) return false;
  sim::Process& self = state_.kernel.processes[actor.slot];
  Answer answer = fail(static_cast<int>(error));
  answer.caught = self.caught;
  const auto next = program_of(process).next(actor.node, answer);
  if (!next) return false;
  self.caught = 0;
  self.wake = 0;
  actor.node = *next;
  actor.begun = true;
  actor.waiting = false;
  return pass(actor).ok();
}

// Who has not begun and still can starts after it where it was, with a pid of the new boot.
bool SimWorld::restart() {
  std::array<bool, kActors> starts{};
  std::array<unsigned, kActors> spaces{};
  for (unsigned place = 0; place < state_.count; ++place) {
    spaces[place] = namespace_of(state_.kernel, pid(place));
    starts[place] = !state_.actors[place].begun && state(place) == ProcessState::kReady;
    Actor& actor = state_.actors[place];
    if (state(place) < ProcessState::kDying) actor.status = SIGKILL;
    actor.slot = kNone;
  }
  reboot(state_.kernel);
  for (unsigned place = 0; place < state_.count; ++place) {
    if (!starts[place]) continue;
    Actor& actor = state_.actors[place];
    actor.slot = spawn(state_.kernel, kHomeInode, spaces[place]);
    assert(actor.slot != kNone && "there was room for it before");
    actor.pid = pid_of(state_.kernel.processes[actor.slot]);
    actor.node = 0;
    if (!pass(actor).ok()) return false;
  }
  return true;
}

bool SimWorld::add_stranger(std::int64_t pid) {
  if (state_.count == kActors || !pid_is_free(static_cast<int>(pid))) return false;
  Kernel after = state_.kernel;
  const std::uint8_t slot = spawn_stranger(after, kHomeInode, static_cast<int>(pid));
  if (slot == kNone) return false;
  state_.kernel = after;
  add_idle(slot);
  return true;
}

std::int64_t SimWorld::wakes_at(unsigned process) const {
  const std::uint8_t slot = state_.actors[process].slot;
  return slot == kNone ? 0 : wake_ns(state_.kernel, slot);
}

std::optional<World::File> SimWorld::file(std::string_view path) const {
  const std::uint8_t inode = file_at(state_.kernel, *tables_, kHomeInode, path);
  if (inode == kNone) return std::nullopt;
  return File{inode, std::string(tables_->texts[state_.kernel.inodes[inode].content])};
}

World::Locked SimWorld::locked(std::string_view path) const {
  const std::uint8_t inode = file_at(state_.kernel, *tables_, kHomeInode, path);
  if (inode != kNone && is_locked(state_.kernel, inode)) return Locked::kYes;
  return has_orphan_lock(state_.kernel) ? Locked::kOrphan : Locked::kNo;
}

bool SimWorld::add_exec_child(unsigned process) {
  if (!runs(process) || state_.count == kActors) return false;
  Kernel after = state_.kernel;
  const std::uint8_t child = fork_and_exec(after, *tables_, state_.actors[process].slot);
  if (child == kNone) return false;
  state_.kernel = after;
  add_idle(child);
  return true;
}

// Who is gone is nowhere. Programs to which pids are names do not notice that those are others.
std::uint64_t SimWorld::where() const {
  Situation situation{state_.kernel, {}, {}};
  Pids pids = Pids::kSymbolic;
  std::uint64_t hash = 0;
  for (unsigned place = 0; place < state_.count; ++place) {
    const Actor& actor = state_.actors[place];
    if (actor.slot == kNone) continue;
    std::array<std::uint32_t, 3> at = {actor.slot, actor.waiting, actor.node};
    if (const auto* viewed = dynamic_cast<const ViewedProgram*>(&program_of(place))) {
      situation.views[actor.slot] = viewed->view(actor.node);
      at[2] = viewed->node(actor.node);
    } else {
      pids = Pids::kConcrete;
    }
    hash = XXH3_64bits_withSeed(at.data(), sizeof at, hash);
  }
  Naming naming(tables_->texts);
  canonicalize(situation, kSameOrder, pids, *tables_, naming);
  hash = XXH3_64bits_withSeed(&situation.kernel, sizeof situation.kernel, hash);
  return XXH3_64bits_withSeed(&situation.views, sizeof situation.views, hash);
}

World::Snapshot SimWorld::snapshot() {
  snapshots_.push_back(state_);
  return snapshots_.size() - 1;
}

}  // namespace lockproof::sim
