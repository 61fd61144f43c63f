// SPDX-License-Identifier: Apache-2.0
// Programs of somebody else that have threads. A step is a call of any of them, one at a time: all
// the others run freely until they sleep, in futex(2) or before a call that waits for input, and
// one alone stands before a call that others can notice. Two that do are a race inside of the
// program, which nobody chooses: the run is refused.
//
// Who is quiet is asked of /proc twice: nobody has run between the two looks. Threads that wait for
// descriptors stand before that call, and go on when it would not wait any more; so nothing is
// waited for in real time.
#include <fmt/format.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>

#include "live/live_world.h"
#include "live/readiness.h"

namespace lockproof::live {
namespace {

constexpr int kFirstTid = 5000;  // beyond all pids of a run
constexpr int kMostTids = 20'000;
constexpr unsigned kMostYields = 20;
constexpr unsigned kMostTries = 3;  // for the next stop of who has just gone on

// Whoever runs gets the core: at once, and after a while for longer.
void give_way(unsigned turn) {
  constexpr timespec kPause = {0, 50'000};
  if (turn < kMostYields) {
    ::sched_yield();
  } else {
    ::nanosleep(&kPause, nullptr);
  }
}

bool are_quiet(const std::vector<Thread>& threads) {
  std::vector<Sleep> before;
  for (const Thread& thread : threads) {
    if (!thread.running) continue;
    before.push_back(how_it_sleeps(thread.tid));
    if (!before.back().in_futex) return false;
  }
  auto same = before.begin();
  return std::all_of(threads.begin(), threads.end(), [&](const Thread& thread) {
    return !thread.running || how_it_sleeps(thread.tid) == *same++;
  });
}

Thread& thread_with(Process& process, pid_t tid) {
  return *std::find_if(process.threads.begin(), process.threads.end(),
                       [&](const Thread& thread) { return thread.tid == tid; });
}

// Who stands for the process does so as one of its threads again.
void put_back(Process& process) {
  Thread& thread = thread_with(process, process.tracee->pid());
  thread.stands.emplace(ThreadStanding{std::move(*process.tracee), process.entered, process.raw,
                                       process.call, process.waits_on});
  process.tracee.reset();
}

// The other way round.
void put_forward(Process& process, Thread& thread) {
  process.entered = thread.stands->entered;
  process.raw = thread.stands->raw;
  process.call = thread.stands->call;
  process.waits_on = thread.stands->waits_on;
  process.tracee = std::move(thread.stands->tracee);
  thread.stands.reset();
}

}  // namespace

int LiveWorld::next_tid() { return kFirstTid + threads_++ % kMostTids; }

Result<> LiveWorld::begin_threads(Process& process, HasForked first) {
  process.threads.push_back({process.host_pid, std::nullopt, std::nullopt});
  process.threads.push_back({first.child, RunningTracee(first.child), std::nullopt});
  return threads_to_step(process, std::move(first.tracee).go_on());
}

Result<> LiveWorld::threads_to_step(Process& process, RunningTracee running) {
  thread_with(process, running.pid()).running = std::move(running);
  do {
    if (auto quiet = until_quiet(process); !quiet.ok()) return quiet;
    if (process.state == ProcessState::kZombie) return Nothing{};
  } while (release_ready(process));
  return choose_thread(process);
}

// None of them runs any more, or the process has ended.
Result<> LiveWorld::until_quiet(Process& process) {
  for (unsigned turn = 0;; ++turn) {
    // Whoever has stopped by the time of a look that finds them quiet is seen by the next one.
    const bool quiet = turn > 0 && are_quiet(process.threads);
    bool moved = false;
    for (std::size_t i = 0; i < process.threads.size(); ++i) {
      const auto stopped = look_at_thread(process, process.threads[i].tid);
      if (!stopped.ok()) return stopped.error();
      moved = moved || *stopped;
    }
    if (process.threads.empty() || (quiet && !moved)) return Nothing{};
    if (moved) turn = 0;
    give_way(turn);
  }
}

// As long as it stops and goes on at once. True: it has stopped.
Result<bool> LiveWorld::look_at_thread(Process& process, pid_t tid) {
  for (bool moved = false;; moved = true) {
    const auto thread = std::find_if(process.threads.begin(), process.threads.end(),
                                     [&](const Thread& one) { return one.tid == tid; });
    if (thread == process.threads.end() || !thread->running) return moved;
    auto stop = thread->running->look();
    for (unsigned i = 0; moved && !stop && i < kMostTries; ++i) {
      ::sched_yield();
      stop = thread->running->look();
    }
    if (!stop) return moved;
    thread->running.reset();
    if (auto taken = take_stop(process, tid, std::move(*stop)); !taken.ok()) return taken.error();
  }
}

Result<> LiveWorld::take_stop(Process& process, pid_t tid, Stop stop) {
  const bool is_first = tid == process.host_pid;
  if (auto* forked = std::get_if<HasForked>(&stop)) {
    process.threads.push_back({forked->child, RunningTracee(forked->child), std::nullopt});
    thread_with(process, tid).running = std::move(forked->tracee).go_on();
    return Nothing{};
  }
  if (auto* born = std::get_if<IsBorn>(&stop)) {
    thread_with(process, tid).running = std::move(born->tracee).go_on();
    return Nothing{};
  }
  if (std::holds_alternative<HasEnded>(stop) && !is_first) {
    std::erase_if(process.threads, [&](const Thread& thread) { return thread.tid == tid; });
    return Nothing{};
  }
  if (auto* before = std::get_if<BeforeCall>(&stop)) {
    const long number = before->tracee.call().number;
    const bool is_alone = process.threads.size() == 1;
    if (number == SYS_exit && !is_first) {
      thread_with(process, tid).running = std::move(before->tracee).go_on();
      return Nothing{};
    }
    if (!is_alone && (number == SYS_exit || number == SYS_execve)) {
      process.tracee = std::move(before->tracee);
      return lost(process, number == SYS_exit ? "ends its first thread before the others"
                                              : "executes another program while it has threads");
    }
  }
  auto met = meet(process, std::move(stop));
  if (!met.ok()) return met.error();
  if (*met) {
    thread_with(process, tid).running = std::move(**met);
  } else if (process.tracee) {
    put_back(process);
  }
  return Nothing{};
}

// Of those that wait for input, who need not any more. True: there was one.
bool LiveWorld::release_ready(Process& process) {
  bool found = false;
  for (Thread& thread : process.threads) {
    if (!thread.stands || !thread.stands->waits_on) continue;
    const auto asked = asked_of(thread.stands->tracee, thread.stands->raw);
    if (!asked || !is_ready(process, asked->fds)) continue;
    thread.stands->tracee.change(thread.stands->entered);
    thread.running = std::move(thread.stands->tracee).go_on();
    thread.stands.reset();
    found = true;
  }
  return found;
}

Result<> LiveWorld::choose_thread(Process& process) {
  Thread* asks = nullptr;
  Thread* waits = nullptr;
  for (Thread& thread : process.threads) {
    if (!thread.stands) continue;
    const bool is_timed = thread.stands->call.op == Op::kSleep;
    if (thread.stands->waits_on) {
      if (waits == nullptr || is_timed) waits = &thread;
    } else if (asks == nullptr) {
      asks = &thread;
    } else {
      const std::string one = format(asks->stands->call, *start_.texts);
      const std::string other = format(thread.stands->call, *start_.texts);
      put_forward(process, thread);
      return lost(process,
                  fmt::format("makes two calls at once, by threads: '{}' and '{}'", one, other));
    }
  }
  Thread* const next = asks != nullptr ? asks : waits;
  if (next == nullptr) return lost(process, "has threads that wait for one another");
  put_forward(process, *next);
  return Nothing{};
}

// A signal that was sent to it arrives, where a thread that sleeps takes it. False: it is not known
// what comes of it.
bool LiveWorld::settle(Process& process) {
  const pid_t tid = process.tracee->pid();
  put_back(process);
  if (!until_quiet(process).ok() || process.threads.empty()) return false;
  put_forward(process, thread_with(process, tid));
  return true;
}

// REQUIRES: it is being ended, as a whole. The first one is the last to be told of.
void LiveWorld::wait_for_end_of_threads(Process& process) {
  const bool killed = WIFSIGNALED(process.status);
  for (unsigned turn = 0; !process.threads.empty(); ++turn) {
    for (std::size_t i = 0; i < process.threads.size(); ++i) {
      const pid_t tid = process.threads[i].tid;
      RunningTracee running(tid);
      auto stop = running.look();
      if (!stop) continue;
      turn = 0;
      if (auto* ended = std::get_if<HasEnded>(&*stop)) {
        if (tid == process.host_pid) process.status = ended->status;
        process.threads.erase(process.threads.begin() + static_cast<std::ptrdiff_t>(i--));
      } else if (auto* gets = std::get_if<GetsSignal>(&*stop)) {
        std::move(gets->tracee).go_on(gets->signal == process.status ? gets->signal : 0);
      } else if (auto* before = std::get_if<BeforeCall>(&*stop); before != nullptr && killed) {
        std::move(before->tracee).answer(0);
      } else {
        std::visit(
            [](auto& at) {
              if constexpr (requires { at.tracee; }) std::move(at.tracee).go_on();
            },
            *stop);
      }
    }
    give_way(turn);
  }
}

}  // namespace lockproof::live
