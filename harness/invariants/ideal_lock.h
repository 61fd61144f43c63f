// SPDX-License-Identifier: Apache-2.0
// Test only: histories of a lock that keeps every promise, in a world that is as nasty as it may
// be.
//
// What is true (who holds, what the record says, who lives) and what is logged are two things here:
// each step of a process is one or the other, kills and stops take effect some steps after they
// were logged, ends are reported late, looks and commands happen at one instant somewhere between
// their begin and their end. One number is one step, so a failing history shrinks to few numbers.
#pragma once

#include <map>
#include <vector>

#include "invariants/history_builder.h"

namespace lockproof::test {

class IdealLock {
 public:
  // `broken`: everybody who claims gets in.
  explicit IdealLock(bool broken = false) : broken_(broken) {}

  HistoryBuilder play(const std::vector<unsigned>& choices) {
    for (unsigned choice : choices) step(choice);
    return log_;
  }

 private:
  enum class At {
    kIdle,
    kTrying,
    kPublishing,
    kPublished,
    kToldOwner,
    kClearing,
    kCleared,
    kUnlocked,
    kLost
  };
  struct Process {
    Life life = 0;
    Life parent = 0;
    std::string role;
    At at = At::kIdle;
    bool alive = true, stopped = false;
    int fatal = 0;        // was sent and has not arrived
    int stop_signal = 0;  // likewise
    std::int64_t status = 0;
  };
  // An outsider's act that has begun.
  struct Act {
    Kind kind;
    Object object;
    bool happened = false;
    std::int64_t value = 0;
  };

  void step(unsigned choice) {
    const unsigned what = choice % 16;
    const unsigned which = choice / 16;
    if (what < 8) return work(which);
    if (what < 10) return outsider(which);
    switch (what) {
      case 10:
        return start(which);
      case 11:
        return quiet_ ? void() : harm(which);
      case 12:
        return arrive(which);
      case 13:
        return reap(which);
      case 14:
        clock_ += which % 8;
        log_.tick(clock_);
        return;
      default:
        return toggle_quiet(which);
    }
  }

  Process* pick(unsigned which) {
    return processes_.empty() ? nullptr : &processes_[which % processes_.size()];
  }

  void start(unsigned which) {
    if (processes_.size() >= 6) return;
    static const char* const kRoles[] = {"contender", "contender", "contender",
                                         "bystander", "child",     "dependant"};
    Process process;
    process.life = ++last_life_;
    process.role = kRoles[which % 6];
    const bool ward = process.role == "child" || process.role == "dependant";
    if (ward) {
      const Process* parent = pick(which / 6);
      if (parent == nullptr || !parent->alive) return;
      process.parent = parent->life;
    }
    processes_.push_back(process);
    log_.start(process.life, process.role, process.parent);
  }

  // One step of a contender: either something comes true, or something is logged.
  void work(unsigned which) {
    Process* process = pick(which);
    if (process == nullptr || !process->alive || process->stopped) return;
    if (process->role != "contender") return;
    const Life me = process->life;
    switch (process->at) {
      case At::kIdle:
        log_.claim(me);
        process->at = At::kTrying;
        break;
      case At::kTrying:
        if (holder_ == 0 || broken_) {
          holder_ = me;
          log_.begin(me, Kind::kChange, Object::kRecord, 3);
          process->at = At::kPublishing;
        } else {
          process->at = At::kLost;
        }
        break;
      case At::kLost:
        log_.busy(me);
        process->at = At::kIdle;
        break;
      case At::kPublishing:
        record_ = pid_of(me);
        log_.end(me, Kind::kChange, Object::kRecord, 3);
        process->at = At::kPublished;
        break;
      case At::kPublished:
        log_.owns(me);
        process->at = At::kToldOwner;
        break;
      case At::kToldOwner:
        log_.gives_up(me).begin(me, Kind::kChange, Object::kRecord, 4);
        process->at = At::kClearing;
        break;
      case At::kClearing:
        record_ = seen::kAbsent;
        log_.end(me, Kind::kChange, Object::kRecord, 4);
        process->at = At::kCleared;
        break;
      case At::kCleared:
        if (holder_ == me) holder_ = 0;
        process->at = At::kUnlocked;
        break;
      case At::kUnlocked:
        log_.released(me);
        process->at = At::kIdle;
        break;
    }
  }

  // A watcher, a prober or a remover begins, acts, or says what it has seen.
  void outsider(unsigned which) {
    static constexpr struct {
      Kind kind;
      Object object;
    } kActs[] = {{Kind::kLook, Object::kRecord},
                 {Kind::kLook, Object::kLock},
                 {Kind::kLook, Object::kSide},
                 {Kind::kProbe, Object::kNone},
                 {Kind::kDestroy, Object::kNone}};
    const Life life = 1000 + which % 5;
    const auto [kind, object] = kActs[which % 5];
    const auto found = acts_.find(life);
    if (found == acts_.end()) {
      log_.begin(life, kind, object);
      acts_[life] = {kind, object};
    } else if (!found->second.happened) {
      found->second.happened = true;
      found->second.value = truth(kind, object);
    } else {
      log_.end(life, kind, object, found->second.value);
      acts_.erase(found);
    }
  }

  std::int64_t truth(Kind kind, Object object) const {
    if (kind == Kind::kDestroy) return holder_ == 0 ? 1 : 0;
    if (kind != Kind::kLook) return 0;
    // A side file is written and removed with the record.
    if (object != Object::kLock) return record_;
    return holder_ == 0 ? seen::kAbsent : seen::kHeld;
  }

  // The harness logs a fault, or a process ends by itself.
  void harm(unsigned which) {
    Process* process = pick(which / 4);
    if (process == nullptr || !process->alive) return;
    switch (which % 4) {
      case 0:
        log_.kill(process->life);
        process->fatal = SIGKILL;
        break;
      case 1:
        log_.fault(process->life, SIGTERM, "term");
        if (process->fatal == 0) process->fatal = SIGTERM;
        break;
      case 2:
        process->stop_signal = process->stopped ? SIGCONT : SIGSTOP;
        log_.fault(process->life, process->stop_signal, "stop");
        break;
      default:
        if (!process->stopped) die(*process, 0);
        break;
    }
  }

  // What was sent takes effect.
  void arrive(unsigned which) {
    Process* process = pick(which);
    if (process == nullptr || !process->alive) return;
    if (process->fatal != 0) {
      die(*process, process->fatal);
    } else if (process->stop_signal != 0) {
      process->stopped = process->stop_signal == SIGSTOP;
      process->stop_signal = 0;
    }
  }

  void die(Process& process, std::int64_t status) {
    process.alive = false;
    process.status = status;
    if (holder_ == process.life) holder_ = 0;
    for (Process& ward : processes_) {
      if (ward.parent == process.life && ward.role == "dependant" && ward.alive) die(ward, 0);
    }
  }

  void reap(unsigned which) {
    Process* process = pick(which);
    if (process == nullptr || process->alive) return;
    log_.ended(process->life, process->status);
    processes_.erase(processes_.begin() + (process - processes_.data()));
  }

  void toggle_quiet(unsigned which) {
    if (quiet_) {
      log_.noisy(quiet_target_);
      quiet_ = false;
      return;
    }
    const Process* target = pick(which);
    if (target == nullptr || target->role != "child") return;
    quiet_target_ = target->life;
    log_.quiet(quiet_target_);
    quiet_ = true;
  }

  const bool broken_;
  HistoryBuilder log_;
  std::vector<Process> processes_;
  std::map<Life, Act> acts_;
  Life last_life_ = 0;
  Life holder_ = 0;
  std::int64_t record_ = seen::kAbsent;
  std::int64_t clock_ = 0;
  bool quiet_ = false;
  Life quiet_target_ = 0;
};

}  // namespace lockproof::test
