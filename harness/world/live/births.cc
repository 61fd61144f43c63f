// SPDX-License-Identifier: Apache-2.0
// How processes of a live run come into being, and get to where their next call is known.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "live/live_world.h"
#include "trace/call_filter.h"
#include "world/choices.h"
#include "world/made_constant.h"

namespace lockproof::live {
namespace {

constexpr std::size_t kMostWhyBytes = 1000;

Call idle_call() {
  Call call;
  call.op = Op::kPoll;
  call.fd = call.fd2 = call.extra = -1;
  call.size = -1;
  return call;
}

bool is(const KernelCall& call, OwnCall own) { return call.number == static_cast<long>(own); }

}  // namespace

void LiveWorld::end_processes() {
  kill_all();
  processes_.clear();
  unreaped_.clear();
}

void LiveWorld::end_run() {
  end_processes();
  end_originals();
  nursery_.reset();
  no_time_stamps_.reset();
  core_.reset();
}

std::int64_t LiveWorld::ticks() const { return now_ns_ / kTickNs; }

Error LiveWorld::lost(const Process& process, std::string_view why, ErrorCode code) const {
  return environment_error(code, fmt::format("process {} {}", place_of(process), why));
}

Result<> LiveWorld::spawn(Process& process, unsigned program, unsigned space, int pid) {
  process.program = program;
  process.space = space;
  process.pid = pid;
  process.born_at = ticks();
  process.random_reads = (pids_.reuses() << 5) & 0xff;
  process.begun = program == kStranger;
  if (program != kStranger) begin_program(process);
  if (process.command != nullptr) {
    auto copied = copy_first(process);
    if (!copied.ok()) return copied.error();
    if (*copied) return Nothing{};
  }
  auto running = copy_template(process, program);
  if (!running.ok()) return running.error();
  if (auto there = arrive(process, std::move(*running)); !there.ok()) return there;
  return process.command != nullptr ? keep_first(process) : Nothing{};
}

Result<> LiveWorld::spawn_next(unsigned program, unsigned space, int pid) {
  processes_.emplace_back();
  return spawn(processes_.back(), program, space, pid);
}

// To the next call of the program, past what it says.
Result<> LiveWorld::arrive(Process& process, RunningTracee running) {
  if (process.command != nullptr) return arrive_program(process, std::move(running));
  process.said.clear();
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* before = std::get_if<BeforeCall>(&stop)) {
      const KernelCall call = before->tracee.call();
      if (is(call, OwnCall::kLost)) {
        std::string why(std::min<std::uint64_t>(call.arguments[1], kMostWhyBytes), '\0');
        before->tracee.read(call.arguments[0], why.data(), why.size());
        process.tracee = std::move(before->tracee);
        return environment_error(ErrorCode::kDoesNotRun, why);
      }
      std::vector<Said> words;
      if (!nursery_->page().take_words(words))
        return lost(process, "says too much between two calls");
      process.said.insert(process.said.end(), words.begin(), words.end());
      if (auto taken = take_call(process, std::move(before->tracee)); !taken.ok()) return taken;
      if (!passes(process)) return Nothing{};
      running = std::move(*process.tracee).go_on();
      process.tracee.reset();
    } else if (auto* behind = std::get_if<BehindCall>(&stop)) {
      running = std::move(behind->tracee).go_on();
    } else if (auto* gets = std::get_if<GetsSignal>(&stop)) {
      if (gets->signal == SIGSEGV && gets->tracee.has_read_time_stamp()) {
        return lost(process, "reads the time stamp counter, or a clock by the vDSO");
      }
      running = std::move(gets->tracee).go_on(process.lives() ? gets->signal : 0);
    } else if (auto* born = std::get_if<IsBorn>(&stop)) {
      running = std::move(born->tracee).go_on();
    } else if (auto* ended = std::get_if<HasEnded>(&stop)) {
      process.state = ProcessState::kZombie;
      process.status = ended->status;
      return lost(process, fmt::format("ended by itself, with status {}", ended->status));
    } else {
      return lost(process, "has made a child, or another program, unasked");
    }
  }
}

Result<> LiveWorld::take_call(Process& process, StoppedTracee at) {
  process.entered = process.raw = at.call();
  process.reads_signals.reset();
  const auto decoded = decode(at, *start_.texts);
  process.tracee = std::move(at);
  if (const auto* unknown = std::get_if<UnknownCall>(&decoded))
    return lost(process, unknown->why, unknown->code);
  process.call = std::get<Call>(decoded);
  return Nothing{};
}

// It asks only who it is (world.h, rule 4).
bool LiveWorld::passes(const Process& process) const {
  const bool owns = std::any_of(process.said.begin(), process.said.end(),
                                [](const Said& word) { return word.kind == Kind::kOwns; });
  const bool local = process.call.op == Op::kGetpid || process.call.op == Op::kGeteuid;
  return local && !owns && process.runs();
}

// Where its parent lives. It has begun.
Process& LiveWorld::add_child(const Process& parent, int pid, pid_t host_pid) {
  processes_.emplace_back();
  Process& born = processes_.back();
  born.program = parent.program;
  born.space = parent.space;
  born.pid = pid;
  born.host_pid = host_pid;
  born.pidfd = pidfd_of(host_pid);
  born.parent = static_cast<int>(place_of(parent));
  born.group = parent.group;
  born.begun = true;
  born.born_at = ticks();
  born.random_reads = (pids_.reuses() << 5) & 0xff;
  return born;
}

LiveWorld::Done LiveWorld::fork(Process& process) {
  if (processes_.size() == kMaxPlaces) return {refuse(Refusal::kProcesses), {}};
  const int pid = pids_.take(process.space);
  nursery_->set_next_pid(process.space, pid);
  pid_t child = 0;
  if (!make(process, process.raw, &child)) return {refuse(Refusal::kProgram), {}};
  const Answer answer = done(process.tracee->result());
  if (answer.result > 0) {
    Process& born = add_child(process, pid, child);
    adopt(born, process);
    if (process.command != nullptr) process.hearing->forks();
    if (auto there = arrive(born, RunningTracee(child)); !there.ok()) {
      return {refuse_because(process, process.call, Refusal::kProgram, there.error().sentence), {}};
    }
  }
  return go_on(process, answer);
}

// Born a tick later than everybody: nobody is taken for it.
Result<> LiveWorld::spawn_stranger(int pid) {
  std::int64_t last = 0;
  for (const Process& process : processes_) {
    if (process.state != ProcessState::kGone) last = std::max(last, process.born_at);
  }
  pids_.note_reuse();
  if (auto born = spawn_next(kStranger, pids_.space_of(pid), pid); !born.ok()) return born;
  processes_.back().born_at = std::max(last, ticks()) + 1;
  return Nothing{};
}

bool LiveWorld::add_stranger(std::int64_t pid) {
  if (processes_.size() == kMaxPlaces || !pid_is_free(static_cast<int>(pid))) return false;
  return spawn_stranger(static_cast<int>(pid)).ok();
}

// A fork where it stands, of which it knows nothing; and in the child, what exec closes.
bool LiveWorld::add_exec_child(unsigned place) {
  Process& process = processes_[place];
  if (!process.runs() || processes_.size() == kMaxPlaces) return false;
  const int pid = pids_.take(process.space);
  nursery_->set_next_pid(process.space, pid);
  pid_t child = 0;
  if (!make(process, {SYS_clone, {SIGCHLD, 0, 0, 0, 0, 0}}, &child) || child == 0) return false;
  if (!stay_behind(process)) return false;
  Process& born = add_child(process, pid, child);
  born.program = kStranger;
  born.call = idle_call();
  Stop stop = RunningTracee(child).wait();
  auto* at = std::get_if<IsBorn>(&stop);
  if (at == nullptr) return false;
  born.raw = process.raw;
  stop = std::move(at->tracee).go_back_to(process.raw).wait();
  auto* before = std::get_if<BeforeCall>(&stop);
  if (before == nullptr) return false;
  born.tracee = std::move(before->tracee);
  std::vector<int> closes;
  for (const int fd : open_descriptors(child)) {
    if (closes_on_exec(child, fd)) closes.push_back(fd);
  }
  for (const int fd : closes) inject_into(born, SYS_close, {static_cast<std::uint64_t>(fd)});
  return true;
}

// Whoever made a step is gone; who has not begun and still can starts where it was.
bool LiveWorld::restart() {
  std::vector<unsigned> starts;
  for (unsigned place = 0; place < processes(); ++place) {
    if (!processes_[place].begun && state(place) == ProcessState::kReady) starts.push_back(place);
  }
  for (Process& process : processes_) {
    if (process.state < ProcessState::kDying) process.status = SIGKILL;
  }
  kill_all();
  for (Process& process : processes_) {
    process.parent = kInit;
    if (process.state != ProcessState::kGone) reap(process);
  }
  wall_ns_ += now_ns_;
  now_ns_ = 0;
  ++boot_;
  pids_.restart();
  for (const unsigned place : starts) {
    const unsigned program = processes_[place].program;
    const unsigned space = processes_[place].space;
    processes_[place] = Process{};
    if (!spawn(processes_[place], program, space, pids_.take(space)).ok()) return false;
  }
  return true;
}

bool LiveWorld::pid_is_free(int pid) const {
  if (!pids_.was_given(pid)) return false;
  return std::none_of(processes_.begin(), processes_.end(), [&](const Process& process) {
    return process.state != ProcessState::kGone && (process.pid == pid || process.group == pid);
  });
}

}  // namespace lockproof::live
