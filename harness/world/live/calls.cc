// SPDX-License-Identifier: Apache-2.0
// One step of a live process: its pending call, made in the kernel or answered.
#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>

#include <cerrno>

#include "live/live_world.h"
#include "live/signals.h"
#include "program/newer_form.h"

namespace lockproof::live {

namespace {

// It answers the same whoever is there, by whatever name or descriptor.
bool is_blind_to_processes(Op op) {
  return op == Op::kClose || op == Op::kWrite || op == Op::kPwrite || op == Op::kFtruncate ||
         op == Op::kFsync || op == Op::kFlock || op == Op::kUnlinkat;
}

}  // namespace

Answer LiveWorld::refuse_because(const Process& process, const Call& call, Refusal refusal,
                                 std::string_view why) {
  refusal_ =
      fmt::format("process {}, '{}': {}", place_of(process), format(call, *start_.texts), why);
  return refuse(refusal);
}

Answer LiveWorld::perform(unsigned place) {
  const Change change(changes_);
  Process& process = processes_[place];
  const Call call = process.call;
  process.begun = true;
  process.acted = process.acted || !is_about_itself(call.op);
  process.clocks.show(process.host_pid, times_for(process));
  names_go_ = names_go_ || call.op == Op::kUnlinkat || call.op == Op::kRenameat;
  Done step = act(process);
  if (step.answer.outcome == Outcome::kRefused) {
    if (refusal_.empty()) {
      refuse_because(process, call, step.answer.refusal, sentence(step.answer.refusal));
    }
    return step.answer;
  }
  process.waits = step.answer.outcome == Outcome::kWaits;
  if (!step.going) return step.answer;
  process.wakes_at = 0;
  if (auto there = arrive(process, std::move(*step.going)); !there.ok()) {
    return refuse_because(process, call, Refusal::kProgram, there.error().sentence);
  }
  step.answer.caught = std::exchange(process.caught, std::uint8_t{0});
  return step.answer;
}

LiveWorld::Done LiveWorld::act(Process& process) {
  if (process.command != nullptr) {
    if (auto step = act_program(process)) return std::move(*step);
  }
  switch (process.call.op) {
    case Op::kClockGettime:
      return clock_gettime(process);
    case Op::kHold:
      return pretend(process, 0);
    case Op::kExit:
      return exit(process);
    case Op::kFork:
      return fork(process);
    case Op::kSignalFd:
      return signal_fd(process);
    case Op::kSetParentDeathSignal:
      return death_signal(process);
    case Op::kKill:
      return kill(process);
    case Op::kPidfdOpen:
      return pidfd_open(process);
    case Op::kPidfdSendSignal:
      return pidfd_send_signal(process);
    case Op::kSleep:
      return sleep(process);
    case Op::kPoll:
      return poll(process);
    case Op::kRead:
      return read(process);
    case Op::kWaitpid:
      return wait_for(process);
    case Op::kFlock:
      return flock(process);
    case Op::kFcntlLock:
      return record_lock(process);
    default:
      return plain(process);
  }
}

bool LiveWorld::make(Process& process, const KernelCall& call, pid_t* child) {
  if (!is_blind_to_processes(process.call.op)) reap_now();
  process.tracee->change(call);
  process.asked_otherwise = !(call == process.entered);
  RunningTracee running = std::move(*process.tracee).make_call();
  process.tracee.reset();
  for (;;) {
    Stop stop = std::move(running).wait();
    if (auto* behind = std::get_if<BehindCall>(&stop)) {
      if (is_interrupted(behind->tracee.result())) {
        running = std::move(behind->tracee).go_on();
        continue;
      }
      process.tracee = std::move(behind->tracee);
      return true;
    }
    if (auto* before = std::get_if<BeforeCall>(&stop)) {  // again
      running = std::move(before->tracee).make_call();
    } else if (auto* gets = std::get_if<GetsSignal>(&stop)) {  // behind it, and before it again
      running = std::move(gets->tracee).go_on(gets->signal);
    } else if (auto* forked = std::get_if<HasForked>(&stop); forked != nullptr && child) {
      *child = forked->child;
      running = std::move(forked->tracee).to_end_of_call();
    } else {
      refuse_because(process, process.call, Refusal::kProgram, "the process has ended in it");
      return false;
    }
  }
}

// REQUIRES: behind a call
LiveWorld::Done LiveWorld::go_on(Process& process, Answer answer) {
  if (process.asked_otherwise || !(process.raw == process.entered))
    process.tracee->put_arguments(process.entered);
  Done step{answer, std::move(*process.tracee).go_on()};
  process.tracee.reset();
  return step;
}

// REQUIRES: before a call
LiveWorld::Done LiveWorld::pretend(Process& process, std::int64_t result) {
  process.tracee->put_arguments(process.entered);
  Done step{done(result), std::move(*process.tracee).answer(result)};
  process.tracee.reset();
  return step;
}

// The call is made, and is known to return this: nobody has to stop behind it to be told.
// REQUIRES: before a call, as it asked for it
LiveWorld::Done LiveWorld::past(Process& process, std::int64_t result) {
  Done step{done(result), std::move(*process.tracee).go_on()};
  process.tracee.reset();
  return step;
}

// A file of the run is on tmpfs, where close(2) of what is open has nothing to say but 0.
bool LiveWorld::closes_what_is_open(const Process& process) {
  return process.command != nullptr && process.call.op == Op::kClose && process.threads.empty() &&
         process.entered.number == SYS_close && process.raw == process.entered;
}

LiveWorld::Done LiveWorld::plain(Process& process) {
  if (closes_what_is_open(process)) {
    process.descriptors.follow(process.raw, process.call, 0);
    return past(process, 0);
  }
  // An older form of it is made as it is: to put another one there takes four more stops of ptrace.
  const bool as_it_is = process.raw == newer_form(process.entered);
  if (!make(process, as_it_is ? process.entered : process.raw)) {
    return {refuse(Refusal::kProgram), {}};
  }
  make_bytes_constant(process);
  Answer answer = answer_of(process.call, process.raw, *process.tracee, *start_.texts);
  if (answer.outcome != Outcome::kRefused) make_constant(process, answer);
  if (answer.outcome == Outcome::kRefused) return {answer, {}};
  if (process.command != nullptr) {
    answer.result = process.descriptors.follow(process.raw, process.call, answer.result);
  }
  if (process.call.op == Op::kSetsid && answer.result > 0) process.group = process.pid;
  if (as_it_is) process.raw = process.entered;
  return go_on(process, answer);
}

LiveWorld::Done LiveWorld::clock_gettime(Process& process) {
  Answer answer = done(0);
  switch (process.call.flags) {
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME:
      answer.value = now_ns_;
      break;
    case CLOCK_REALTIME:
      answer.value = now_ns_ + wall_ns_;
      break;
    default:
      return {refuse(Refusal::kClock), {}};
  }
  constexpr std::int64_t kSecond = 1'000'000'000;
  const timespec now = {answer.value / kSecond, answer.value % kSecond};
  process.tracee->write(process.raw.arguments[1], &now, sizeof now);
  Done step = pretend(process, 0);
  step.answer = answer;
  return step;
}

// It stands there until its death is stepped on.
LiveWorld::Done LiveWorld::exit(Process& process) {
  begin_death(process, (process.call.flags & 0xff) << 8);
  return {done(0), {}};
}

LiveWorld::Done LiveWorld::signal_fd(Process& process) {
  const auto mask = static_cast<std::uint64_t>(process.call.size);
  for (int signal = 1; signal <= 64; ++signal) {
    if ((mask >> (signal - 1) & 1) != 0 && !is_maskable(signal)) {
      return {refuse(Refusal::kSignal), {}};
    }
  }
  const std::uint64_t room = nursery_->page().room();
  nursery_->page().put(mask);
  if (!inject_into(process, SYS_rt_sigprocmask, {SIG_BLOCK, room, 0, sizeof mask})) {
    return {refuse(Refusal::kProgram), {}};
  }
  const KernelCall call = {SYS_signalfd4,
                           {static_cast<std::uint64_t>(-1), room, sizeof mask, SFD_CLOEXEC}};
  if (!make(process, call)) return {refuse(Refusal::kProgram), {}};
  return go_on(process, done(process.tracee->result()));
}

// The kernel's own would arrive in the middle of a death.
LiveWorld::Done LiveWorld::death_signal(Process& process) {
  const int signal = process.call.flags;
  if (signal != 0 && !is_known(signal)) return {refuse(Refusal::kSignal), {}};
  process.death_signal = signal;
  return pretend(process, 0);
}

LiveWorld::Done LiveWorld::pidfd_open(Process& process) {
  if (pids_.is_init_below(process.space, process.call.size)) {
    return {refuse(Refusal::kPidNamespace), {}};
  }
  has_pidfds_ = true;
  return process.call.size <= 1 ? pretend(process, -EPERM) : plain(process);
}

bool LiveWorld::fail_call(unsigned place, std::int64_t error) {
  Process& process = processes_[place];
  if (!enabled(place) || process.call.op == Op::kExit) return false;
  Done step = pretend(process, -error);
  process.begun = true;
  process.waits = false;
  process.wakes_at = 0;
  return arrive(process, std::move(*step.going)).ok();
}

}  // namespace lockproof::live
