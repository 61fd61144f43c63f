// SPDX-License-Identifier: Apache-2.0
// The steps of programs of somebody else, where they are not those of every process: a form of the
// call that is older, children that share, other programs that are executed, signals with handlers.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "live/live_world.h"
#include "live/readiness.h"
#include "live/signals.h"
#include "live/watch.h"
#include "program/caught.h"
#include "program/newer_form.h"
#include "trace/image.h"

namespace lockproof::live {
namespace {

constexpr unsigned kMostPassing = 1'000'000;  // between two steps

bool may_wait(const Process& process) {
  const Op op = process.call.op;
  return process.waits_on || op == Op::kFlock || op == Op::kFcntlLock || op == Op::kWaitpid ||
         op == Op::kSleep;
}

}  // namespace

void LiveWorld::begin_program(Process& process) {
  process.command = start_.cast[process.program]->command();
  process.root = place_of(process);
  if (process.command == nullptr) return;
  process.hearing.emplace(*process.command);
  process.hearing->begins(process.to_say);
}

void LiveWorld::adopt(Process& child, const Process& parent) {
  child.command = parent.command;
  child.root = parent.root;
  child.acted = true;
  child.hearing = parent.hearing;
  if (child.hearing) child.hearing->is_child();
  child.entered = parent.entered;
  child.disposed = parent.disposed;
  child.descriptors = parent.descriptors;
  if (is_vfork(parent.entered)) child.executes_for = static_cast<int>(place_of(parent));
}

// As arrive(), past all that nobody can notice.
Result<> LiveWorld::arrive_program(Process& process, RunningTracee running) {
  process.said = std::exchange(process.to_say, {});
  const std::chrono::milliseconds patience(process.command->patience_ms);
  watch_->begin(process.pidfd.get(), patience);
  auto arrived = pass_to_step(process, std::move(running));
  if (watch_->end()) {
    return lost(process,
                fmt::format("does not come to its next call within {} ms", patience.count()));
  }
  return arrived;
}

Result<> LiveWorld::pass_to_step(Process& process, RunningTracee running) {
  if (!process.threads.empty()) return threads_to_step(process, std::move(running));
  for (unsigned passed = 0; passed < kMostPassing; ++passed) {
    Stop stop = std::move(running).wait();
    if (auto* forked = std::get_if<HasForked>(&stop)) {
      return begin_threads(process, std::move(*forked));
    }
    auto met = meet(process, std::move(stop));
    if (!met.ok()) return met.error();
    if (!*met) return Nothing{};
    running = std::move(**met);
  }
  return lost(process, fmt::format("makes {} calls on end that reach nobody", kMostPassing));
}

void LiveWorld::begin_image(Process& process, const StoppedTracee& tracee) {
  process.descriptors.forget_closed(process.host_pid);
  process.executes_for = kInit;
  std::optional<ShownTimes> times;
  if (!process.acted) times = times_for(process);
  process.clocks = make_image_constant(tracee, times);
}

Result<std::optional<RunningTracee>> LiveWorld::meet(Process& process, Stop stop) {
  using Goes = std::optional<RunningTracee>;
  if (auto* before = std::get_if<BeforeCall>(&stop)) {
    process.tracee = std::move(before->tracee);
    if (process.dies_of != 0) {
      begin_death(process, process.dies_of);
      return Goes();
    }
    const Sight sight = sight_of(process);
    if (const auto* matters = std::get_if<Matters>(&sight)) {
      process.call = matters->call;
      process.tracee->change(process.raw);
      // From here on it is a step to read one, unless it has threads.
      const bool acts = process.threads.empty() && !is_about_itself(process.call.op);
      if (acts) process.clocks.hide(process.host_pid);
      return Goes();
    }
    if (const auto* refused = std::get_if<UnknownCall>(&sight))
      return lost(process, refused->why, refused->code);
    StoppedTracee at = std::move(*process.tracee);
    process.tracee.reset();
    const auto* settled = std::get_if<Settled>(&sight);
    if (settled == nullptr) return Goes(std::move(at).go_on());
    return Goes(std::move(at).answer(settled->result));
  }
  if (auto* executed = std::get_if<HasExecuted>(&stop)) {
    begin_image(process, executed->tracee);
    return Goes(std::move(executed->tracee).go_on());
  }
  if (auto* born = std::get_if<IsBorn>(&stop)) {
    if (process.entered.number != 0) born->tracee.put_arguments(process.entered);
    return Goes(std::move(born->tracee).go_on());
  }
  if (auto* gets = std::get_if<GetsSignal>(&stop)) {
    if (gets->signal == SIGSEGV && gets->tracee.has_read_time_stamp()) {
      return Goes(std::move(gets->tracee).go_on());
    }
    const SignalMasks masks = signal_masks(process.host_pid);
    const bool handled = (masks.caught >> (gets->signal - 1) & 1) != 0;
    if (handled) process.caught |= signal_bit(gets->signal);
    if (handled && process.hearing) {
      process.hearing->caught(signal_bit(gets->signal), process.said);
    }
    const std::uint8_t deadly = signal_bit(gets->signal) & ~signal_bit(SIGCHLD);
    const bool ignored = (masks.ignored >> (gets->signal - 1) & 1) != 0;
    if (!handled && !ignored && deadly != 0 && process.lives()) {
      // It had been blocked. A death has its steps, before the next call.
      process.dies_of = gets->signal;
      return Goes(std::move(gets->tracee).go_on());
    }
    if (!handled && !ignored) nursery_->keep_zombies();  // it may be its end
    return Goes(std::move(gets->tracee).go_on(process.lives() ? gets->signal : 0));
  }
  if (auto* behind = std::get_if<BehindCall>(&stop)) return Goes(std::move(behind->tracee).go_on());
  if (auto* ended = std::get_if<HasEnded>(&stop)) {
    ends_by_itself(process, ended->status);
    return Goes();
  }
  return lost(process, "has made a child unasked");
}

// By a fault of its own, or a signal of the kernel's: all steps of its death at once.
void LiveWorld::ends_by_itself(Process& process, int status) {
  process.tracee.reset();
  process.threads.clear();
  process.executes_for = kInit;
  process.state = ProcessState::kZombie;
  process.status = status;
  process.waits = false;
  hand_on_children(process);
}

// Something that has a handler has arrived, and ends the wait.
bool LiveWorld::is_interrupted_program(const Process& process) const {
  if (process.tracee && !process.tracee->has_pending_signals()) return false;
  SignalMasks masks = signal_masks(process.host_pid);
  if (process.raw.number == SYS_rt_sigsuspend) {
    process.tracee->read(process.raw.arguments[0], &masks.blocked, sizeof masks.blocked);
  }
  return (masks.pending & masks.caught & ~masks.blocked) != 0;
}

// Nothing: as of every process.
std::optional<bool> LiveWorld::is_enabled_program(Process& process) {
  const auto place = static_cast<int>(place_of(process));
  for (const Process& child : processes_) {
    if (child.executes_for == place && child.lives()) return false;
  }
  if (const auto ends = ends_undisturbed(process)) {
    return *ends || (may_wait(process) && (is_interrupted_program(process) || has_alarm(process)));
  }
  return std::nullopt;
}

bool LiveWorld::has_input(const Process& process) const {
  const auto asked = asked_of(*process.tracee, process.raw);
  return asked && is_ready(process, asked->fds);
}

// Nothing: it does not wait.
std::optional<bool> LiveWorld::ends_undisturbed(Process& process) {
  const Call& call = process.call;
  if (process.waits_on) {
    if (has_input(process)) return true;
    return call.op == Op::kSleep && (process.wakes_at == 0 || is_over(process));
  }
  switch (call.op) {
    case Op::kWaitpid:
      return (call.flags & WNOHANG) != 0 || !has_children(process) || has_zombie(process);
    case Op::kFlock:
      return (call.flags & (LOCK_NB | LOCK_UN)) != 0 || can_flock(process);
    case Op::kFcntlLock: {
      const bool waits = call.flags == F_SETLKW || call.flags == F_OFD_SETLKW;
      return !waits || call.extra == F_UNLCK || can_lock_record(process);
    }
    case Op::kSleep:
      return call.size <= 0 || process.wakes_at == 0 || is_over(process);
    case Op::kRead:
      return true;  // of a file
    default:
      return std::nullopt;
  }
}

bool LiveWorld::has_zombie(const Process& process) const {
  const auto place = static_cast<int>(place_of(process));
  for (const Process& child : processes_) {
    const bool asked = process.call.size == -1 || process.call.size == child.pid;
    const bool mine = child.parent == place && child.state == ProcessState::kZombie;
    if (mine && (asked || process.call.size == 0 || process.call.size < -1)) return true;
  }
  return false;
}

// Nothing: as of every process.
std::optional<LiveWorld::Done> LiveWorld::act_program(Process& process) {
  const auto ends = ends_undisturbed(process);
  if (ends && !*ends) {
    if (is_interrupted_program(process)) return interrupt(process);
    if (auto step = wait_for_alarm(process)) return step;
  }
  switch (process.call.op) {
    case Op::kHold:
      return give_up(process);
    case Op::kExecvp:
      return execute(process);
    case Op::kClockGettime:
      return read_clock(process);
    case Op::kAlarm:
      return set_alarm(process);
    case Op::kKill:
      return kill_program(process);
    case Op::kRead:
      return plain(process);
    case Op::kSleep:
      if (!process.waits_on || !has_input(process)) return std::nullopt;
      if (!make(process, process.raw)) return Done{refuse(Refusal::kProgram), {}};
      return go_on(process, done(0));
    default:
      return std::nullopt;
  }
}

// Whoever interrupts it has a handler with SA_RESTART.
bool LiveWorld::is_restarted(const Process& process) const {
  const SignalMasks masks = signal_masks(process.host_pid);
  const std::uint64_t arrived = masks.pending & masks.caught & ~masks.blocked;
  return std::all_of(std::begin(kMaskable), std::end(kMaskable), [&](int signal) {
    const bool arrives = (arrived >> (signal - 1) & 1) != 0;
    return !arrives || (process.disposed.restarted & signal_bit(signal)) != 0;
  });
}

// As the kernel has it: a handler runs, and then the call fails with EINTR, or is made again.
LiveWorld::Done LiveWorld::interrupt(Process& process) {
  const bool restarts = is_restarted(process);
  RunningTracee running = std::move(*process.tracee).make_call();
  process.tracee.reset();
  Stop stop = std::move(running).wait();
  auto* const behind = std::get_if<BehindCall>(&stop);
  if (behind == nullptr) {
    return {refuse_because(process, process.call, Refusal::kProgram, "the process has ended in it"),
            {}};
  }
  const std::int64_t result = behind->tracee.result();
  if (is_interrupted(result)) {
    behind->tracee.change(process.entered);
    const bool again = restarts && result == kCallIsMadeAgain;
    return {again ? done(result) : fail(EINTR), std::move(behind->tracee).go_on()};
  }
  process.tracee = std::move(behind->tracee);
  return go_on(process, done(result));
}

LiveWorld::Done LiveWorld::give_up(Process& process) {
  process.hearing->gives_up(process.to_say);
  if (process.command->hears == Command::Hears::kOwner) return pretend(process, 0);
  const bool as_it_is = process.threads.empty() && process.raw == process.entered;
  if (as_it_is) return past(process, 0);  // there is nothing more to read
  if (!make(process, process.raw)) return {refuse(Refusal::kProgram), {}};
  return go_on(process, done(0));
}

LiveWorld::Done LiveWorld::execute(Process& process) {
  RunningTracee running = std::move(*process.tracee).make_call();
  process.tracee.reset();
  Stop stop = std::move(running).wait();
  if (auto* executed = std::get_if<HasExecuted>(&stop)) {
    begin_image(process, executed->tracee);
    return {done(0), std::move(executed->tracee).go_on()};
  }
  if (auto* behind = std::get_if<BehindCall>(&stop)) {
    process.tracee = std::move(behind->tracee);
    return go_on(process, done(process.tracee->result()));
  }
  return {refuse_because(process, process.call, Refusal::kProgram, "the process has ended in it"),
          {}};
}

// To whom nobody is reached beyond the run: a group, all. Init is somebody else's, as for every
// user but root.
LiveWorld::Done LiveWorld::kill_program(Process& process) {
  if (process.call.size >= 1) return kill(process);
  if (process.call.flags == 0) return plain(process);
  return {refuse_because(process, process.call, Refusal::kSignal, "it signals several at once"),
          {}};
}

}  // namespace lockproof::live
