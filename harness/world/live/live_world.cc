// SPDX-License-Identifier: Apache-2.0
#include "live/live_world.h"

#include <sys/stat.h>

#include <algorithm>
#include <csignal>

#include "live/watch.h"

namespace lockproof::live {

LiveWorld::LiveWorld(Programs programs) : programs_(programs) {}
LiveWorld::~LiveWorld() { end_run(); }

Result<> LiveWorld::reset(const Start& start) {
  const Change change(changes_);
  end_processes();
  const bool again = nursery_ && programs_ == Programs::kKept && is_same(start);
  start_ = start;
  home_ = home_of(start);
  refusal_.clear();
  now_ns_ = start.uptime_ns;
  wall_ns_ = 0;
  boot_ = 1;
  threads_ = 0;
  pids_ = {};
  inodes_.clear();
  deaths_are_seen_ = start.deaths_are_seen;
  has_pidfds_ = false;
  names_go_ = has_commands(start);
  if (again) {
    if (auto cleared = nursery_->clear(); !cleared.ok()) return cleared;
  } else {
    end_run();
    if (!core_) core_.emplace();
    if (!no_time_stamps_) no_time_stamps_.emplace();
    auto nursery = Nursery::open(start_);
    if (!nursery.ok()) return nursery.error();
    nursery_ = std::move(*nursery);
  }
  if (has_commands(start)) {
    if (!watch_) watch_ = std::make_unique<Watch>();
    struct stat info {};
    ::fstat(nursery_->home(), &info);
    ground_ = {home_, info.st_dev};
  }
  for (unsigned i = 0; i < start.cast.size(); ++i) {
    const unsigned space = i < start.namespaces.size() ? start.namespaces[i] : 0;
    if (auto born = spawn_next(i, space, pids_.take(space)); !born.ok()) return born;
  }
  for (const int pid : start.strangers) {
    if (auto born = spawn_stranger(pid); !born.ok()) return born;
  }
  return Nothing{};
}

bool LiveWorld::is_same(const Start& start) const {
  const auto same = [](const StartFile& a, const StartFile& b) {
    return a.name == b.name && a.content == b.content;
  };
  return start.texts == start_.texts && start.cast == start_.cast &&
         start.namespaces == start_.namespaces &&
         std::equal(start.files.begin(), start.files.end(), start_.files.begin(),
                    start_.files.end(), same);
}

ProcessState LiveWorld::state(unsigned place) const {
  const Process& process = processes_[place];
  return process.runs() && process.waits ? ProcessState::kWaiting : process.state;
}

bool LiveWorld::inject(Fault fault, unsigned place, std::int64_t value) {
  const Change change(changes_);
  switch (fault) {
    case Fault::kSignal:
      return processes_[place].state != ProcessState::kGone &&
             !holds_back(place, static_cast<int>(value)) &&
             send(processes_[place], static_cast<int>(value));
    case Fault::kReusePid:
      if (!pid_is_free(static_cast<int>(value))) return false;
      pids_.give_again(static_cast<int>(value));
      return true;
    case Fault::kTime:
      if (wakes_at(place) == 0) return false;
      now_ns_ = std::max(now_ns_, wakes_at(place));
      return true;
    case Fault::kWallClock:
      wall_ns_ += value;
      return true;
    case Fault::kErrno:
      return fail_call(place, value);
    case Fault::kReboot:
      return restart();
    case Fault::kExecChild:
      return add_exec_child(place);
    case Fault::kStranger:
      return add_stranger(value);
  }
  return false;
}

}  // namespace lockproof::live
