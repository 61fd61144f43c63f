// SPDX-License-Identifier: Apache-2.0
// Death in steps, in the order of the kernel's do_exit(), each of which others can see before the
// next one: what is to die stands where it is, then closes its files by a call that is put into it,
// then ends.
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "live/live_world.h"

namespace lockproof::live {
namespace {

void really_send(const Process& process, int signal) {
  ::syscall(SYS_pidfd_send_signal, process.pidfd.get(), signal, nullptr, 0);
}

// Whatever it stands at.
RunningTracee go_past(Stop stop, pid_t pid) {
  return std::visit(
      [&](auto& at) {
        if constexpr (requires { at.tracee; }) {
          return std::move(at.tracee).go_on();
        } else {
          return RunningTracee(pid);
        }
      },
      stop);
}

}  // namespace

unsigned LiveWorld::place_of(const Process& process) const {
  unsigned place = 0;
  while (&processes_[place] != &process) ++place;
  return place;
}

void LiveWorld::begin_death(Process& process, int status) {
  process.state = ProcessState::kDying;
  process.status = status;
  process.waits = false;
  process.wakes_at = 0;
  process.held_signals.clear();
}

bool LiveWorld::can_step_death(unsigned place) const {
  const Process& process = processes_[place];
  const bool ends =
      process.state == ProcessState::kDying || process.state == ProcessState::kReleased;
  return ends || (process.state == ProcessState::kZombie && process.parent == kInit);
}

// Files that free nothing when they are closed; the end of a child of init whom nobody watches.
bool LiveWorld::death_is_unnoticed(unsigned place) const {
  const Process& process = processes_[place];
  if (process.state == ProcessState::kDying) return !deaths_are_seen_ && !frees_something(process);
  if (process.state != ProcessState::kReleased) return false;
  const auto is_child = [&](const Process& other) {
    return other.state != ProcessState::kGone && other.parent == static_cast<int>(place);
  };
  const bool watched = deaths_are_seen_ || process.parent != kInit || is_pinned(process);
  return !watched && std::none_of(processes_.begin(), processes_.end(), is_child);
}

void LiveWorld::step_death(unsigned place) {
  const Change change(changes_);
  assert(can_step_death(place));
  Process& process = processes_[place];
  if (process.state == ProcessState::kDying) {
    release(process);
  } else if (process.state == ProcessState::kReleased) {
    become_zombie(process);
  } else {
    reap(process);
  }
}

// Of a program that has no file of the run open, and nobody to share a pipe with.
bool LiveWorld::has_nothing_to_release(const Process& process) const {
  return process.command != nullptr && process.descriptors.all().empty() &&
         !process.locks_elsewhere &&
         std::none_of(processes_.begin(), processes_.end(), [&](const Process& other) {
           return &other != &process && other.command != nullptr && other.root == process.root &&
                  other.state < ProcessState::kReleased;
         });
}

// No signal may end it before its time.
void LiveWorld::release(Process& process) {
  if (!has_nothing_to_release(process)) {
    inject_into(process, SYS_close_range, {0, ~0u, 0}, process.status);
  }
  process.state = ProcessState::kReleased;
}

// Init, which would have to be waited for, has nothing to do for a child that its tracer keeps as a
// zombie. It has if there are zombies who become its children now: their tracer has let them go.
void LiveWorld::choose_who_keeps(Process& process) {
  const auto place = static_cast<int>(place_of(process));
  const bool leaves_zombies =
      std::any_of(processes_.begin(), processes_.end(), [&](const Process& other) {
        return other.state == ProcessState::kZombie && other.parent == place;
      });
  const bool of_init = process.parent == kInit;
  process.is_kept = of_init && process.space == 0 && process.threads.empty() && !leaves_zombies;
  if (leaves_zombies || (of_init && !process.is_kept)) nursery_->keep_zombies();
}

// By what it dies of: its exit, or the signal. Then its parent is told, by the kernel, as soon as
// the tracer knows.
void LiveWorld::become_zombie(Process& process) {
  choose_who_keeps(process);
  const bool exits = process.call.op == Op::kExit && process.status % 0x80 == 0;
  if (!exits) really_send(process, process.status);
  if (process.tracee) {
    RunningTracee running =
        exits ? std::move(*process.tracee).go_on() : std::move(*process.tracee).answer(0);
    process.tracee.reset();
    const bool has_threads = !process.threads.empty();
    if (has_threads) wait_for_end_of_threads(process);
    for (bool ended = has_threads; !ended;) {
      Stop stop =
          process.is_kept ? std::move(running).wait_keeping_zombie() : std::move(running).wait();
      if (auto* gets = std::get_if<GetsSignal>(&stop)) {
        running = std::move(gets->tracee).go_on(gets->signal == process.status ? gets->signal : 0);
      } else if (auto* before = std::get_if<BeforeCall>(&stop)) {
        running = exits ? std::move(before->tracee).go_on() : std::move(before->tracee).answer(0);
      } else if (auto* end = std::get_if<HasEnded>(&stop)) {
        process.status = end->status;
        ended = true;
      } else {
        running = go_past(std::move(stop), process.host_pid);
      }
    }
  }
  process.state = ProcessState::kZombie;
  hand_on_children(process);
}

void LiveWorld::hand_on_children(const Process& process) {
  const auto place = static_cast<int>(place_of(process));
  for (Process& child : processes_) {
    if (child.state == ProcessState::kGone || child.parent != place) continue;
    child.parent = kInit;
    if (child.death_signal != 0) send(child, child.death_signal);
  }
}

// Whatever it does. Its parent may have it still.
void LiveWorld::kill_and_wait(Process& process) {
  if (process.host_pid == 0) return;
  if (process.is_kept) take_away(process);
  if (process.state == ProcessState::kGone || process.state == ProcessState::kZombie) return;
  really_send(process, SIGKILL);
  process.tracee.reset();
  if (!process.threads.empty()) {
    wait_for_end_of_threads(process);
    process.state = ProcessState::kZombie;
    return;
  }
  RunningTracee running(process.host_pid);
  for (;;) {
    Stop stop = std::move(running).wait();
    if (std::holds_alternative<HasEnded>(stop)) break;
    running = go_past(std::move(stop), process.host_pid);
  }
  process.state = ProcessState::kZombie;
}

// Zombies of whom init is told when their parent ends are gone a moment after that end: too late
// for who is born with their pids. So init keeps them, and is asked to reap them.
void LiveWorld::kill_all() {
  const auto is_of_another = [](const Process& process) {
    return process.state == ProcessState::kZombie && process.parent != kInit;
  };
  if (std::any_of(processes_.begin(), processes_.end(), is_of_another)) nursery_->keep_zombies();
  for (Process& process : processes_) kill_and_wait(process);
}

// By the init of its namespace, but not before somebody could notice: at the end of a run all that
// are left are reaped at once.
void LiveWorld::reap(Process& process) {
  if (process.is_kept) return take_away(process);
  unreaped_.emplace_back(process.space, process.pid);
  process.state = ProcessState::kGone;
}

void LiveWorld::take_away(Process& process) {
  RunningTracee(process.host_pid).wait();
  process.is_kept = false;
  if (nursery_->keeps_zombies()) unreaped_.emplace_back(process.space, process.pid);
  process.state = ProcessState::kGone;
}

void LiveWorld::reap_now() {
  for (const auto& [space, pid] : unreaped_) nursery_->reap(space, pid);
  unreaped_.clear();
}

}  // namespace lockproof::live
