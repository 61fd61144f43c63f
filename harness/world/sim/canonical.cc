// SPDX-License-Identifier: Apache-2.0
#include "sim/canonical.h"

#include <algorithm>

namespace lockproof::sim {
namespace {

constexpr std::uint8_t kFirstDead = kProcesses + 1;
constexpr std::uint8_t kFreshPids = 100;  // last_pid of every canonical kernel: what follows is new

constexpr std::int64_t kMs = 1'000'000;
constexpr std::uint32_t kMsPerTick = 10;

// How many processes started earlier.
std::uint32_t starts_before(const Kernel& kernel, std::uint32_t start) {
  std::uint32_t count = 0;
  for (const Process& process : kernel.processes) {
    if (process.life != Life::kAbsent && process.start < start) ++count;
  }
  return count;
}

// Where each slot went.
Order inverse(const Order& order) {
  Order place{};
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) place[order[slot]] = slot;
  return place;
}

void permute(Situation& situation, const Order& order) {
  if (order == kSameOrder) return;
  const Situation old = situation;
  const Order place = inverse(order);
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    Process& process = situation.kernel.processes[slot];
    process = old.kernel.processes[order[slot]];
    if (process.life != Life::kAbsent && process.parent != kInit) {
      process.parent = place[process.parent];
    }
    situation.views[slot] = old.views[order[slot]];
  }
  permute(situation.remembered, order);
  for (OpenFile& file : situation.kernel.open_files) {
    const bool of_process = file.kind == Kind::kPidfd || file.kind == Kind::kProcStat;
    if (of_process && file.object != kNone) file.object = place[file.object];
  }
}

// What is left of a process that init will reap: that it is there, and what it holds.
void forget_the_dead(Situation& situation) {
  Places gone = 0;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    Process& process = situation.kernel.processes[slot];
    const bool lives = process.life == Life::kRunning || process.life == Life::kStopped;
    if (lives) continue;
    gone |= static_cast<Places>(1u << slot);
    situation.views[slot] = View{};
    process.random_reads = 0;
    if (process.life == Life::kAbsent || process.parent != kInit) continue;
    process.status = process.dispositions = 0;
    process.blocked = process.death_signal = 0;
  }
  if (!situation.remembered.empty()) forget(situation.remembered, gone);
}

void order_names(Kernel& kernel, const Tables& tables) {
  const auto key = [&](const Name& name) {
    return std::tuple(name.directory, tables.texts.hash(name.text), name.inode);
  };
  const auto end = std::partition(kernel.names.begin(), kernel.names.end(),
                                  [](const Name& name) { return name.inode != 0; });
  std::sort(kernel.names.begin(), end,
            [&](const Name& a, const Name& b) { return key(a) < key(b); });
}

// Before anybody has looked at a clock only the order of the starts counts.
void forget_the_time(Kernel& kernel) {
  if (kernel.clock_read != 0) return;
  const auto ms = static_cast<std::uint32_t>(kernel.now_ns / kMs);
  std::array<std::uint32_t, kProcesses> ranks{};
  std::uint32_t last = 0;
  bool sleeps = false;
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    const Process& process = kernel.processes[slot];
    if (process.life == Life::kAbsent) continue;
    ranks[slot] = starts_before(kernel, process.start);
    last = std::max(last, ranks[slot]);
    sleeps = sleeps || process.wake != 0 || has_alarm(process);
  }
  // A sleep that is over ends now, and to wake at 0 would be not to sleep.
  const std::uint32_t now_ms = std::max(last * kMsPerTick, sleeps ? 1u : 0u);
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
    Process& process = kernel.processes[slot];
    process.start = ranks[slot];
    for (std::uint32_t* const end : {&process.wake, &process.alarm}) {
      if (end == &process.alarm ? !has_alarm(process) : process.wake == 0) continue;
      *end = now_ms + (*end > ms ? *end - ms : 0);
    }
  }
  kernel.now_ns = now_ms * kMs;
}

// Gives each pid that is still mentioned its new number.
class Renaming {
 public:
  Renaming(Situation& situation, Naming& naming) : situation_(situation), naming_(naming) {}

  bool run() {
    Kernel& kernel = situation_.kernel;
    for (std::uint8_t slot = 0; slot < kProcesses; ++slot) {
      const Process& process = kernel.processes[slot];
      if (process.life != Life::kAbsent) map_[process.pid] = static_cast<std::uint8_t>(slot + 1);
    }
    for (Process& process : kernel.processes) {
      if (process.life == Life::kAbsent) continue;
      process.pid = number(process.pid);
      if (process.group != 0) process.group = number(process.group);
    }
    for (View& view : situation_.views) {
      for (std::uint8_t i = 0; i < view.count; ++i) {
        if (view.pids[i] != 0) view.pids[i] = number(view.pids[i]);
      }
    }
    for (Inode& inode : kernel.inodes) {
      if (inode.mode != 0 && !rename(inode.content)) return false;
    }
    for (Name& name : kernel.names) {
      if (name.inode != 0 && !rename(name.text)) return false;
    }
    if (kernel.next_pid != 0) kernel.next_pid = number(kernel.next_pid);
    kernel.last_pid = kFreshPids;
    return next_ <= kFreshPids;
  }

 private:
  std::uint8_t number(std::uint8_t pid) {
    if (map_[pid] == 0) map_[pid] = next_++;
    return map_[pid];
  }
  bool rename(Text& text) {
    const std::vector<Mention>& found = naming_.mentions(text);
    if (found.empty()) return true;
    for (const Mention& mention : found) number(mention.pid);
    const auto renamed = naming_.rename(text, map_);
    if (!renamed || *renamed == kNoText) return false;
    text = *renamed;
    return true;
  }

  Situation& situation_;
  Naming& naming_;
  PidMap map_{};
  std::uint8_t next_ = kFirstDead;
};

}  // namespace

void order_open_files(Kernel& kernel) {
  const auto old = kernel.open_files;
  std::array<std::uint8_t, kOpenFiles> place;
  place.fill(kNone);
  std::uint8_t count = 0;
  kernel.open_files = {};
  for (Process& process : kernel.processes) {
    for (std::uint8_t& fd : process.fds) {
      if (fd == 0) continue;
      const unsigned from = (fd & ~kCloseOnExec) - 1u;
      if (place[from] == kNone) {
        place[from] = count;
        kernel.open_files[count++] = old[from];
      }
      fd = static_cast<std::uint8_t>((place[from] + 1u) | (fd & kCloseOnExec));
    }
  }
}

bool canonicalize(Situation& situation, const Order& order, Pids pids, Tables& tables,
                  Naming& naming) {
  permute(situation, order);
  forget_the_dead(situation);
  order_open_files(situation.kernel);
  if (pids == Pids::kSymbolic && !Renaming(situation, naming).run()) return false;
  order_names(situation.kernel, tables);
  forget_the_time(situation.kernel);
  return true;
}

}  // namespace lockproof::sim
