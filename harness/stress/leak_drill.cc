// SPDX-License-Identifier: Apache-2.0
#include "stress/leak_drill.h"

#include <csignal>

#include "stress/contender.h"

namespace lockproof {
namespace {

constexpr std::int64_t kPauseMs = 500;  // between drills
constexpr std::int64_t kAnswerMs =
    1000;  // within which an owner has forked, or another one is asked
// Longer than the longest random delay at a system call (100 ms), by far: an attempt that is merely
// slow must not look like a leak. Shorter when somebody owns at once, which is what a right lock
// does.
constexpr std::int64_t kWindowMs = 2000;
constexpr std::int64_t kEndMs = 5000;

}  // namespace

LeakDrill::LeakDrill(std::uint64_t seed, const std::vector<std::string>& faults, Crew& crew,
                     Ledger& ledger)
    : random_(seed, 3), crew_(crew), ledger_(ledger), deadline_ms_(kPauseMs) {
  for (const std::string& fault : faults) {
    if (fault != "fork_child" && fault != "exec_child") continue;
    kinds_.push_back(fault);
    drilled_[fault] = 0;
  }
}

void LeakDrill::go(Phase phase, std::int64_t deadline_ms) {
  phase_ = phase;
  deadline_ms_ = deadline_ms;
}

void LeakDrill::hear(const Event& event) {
  if (phase_ == Phase::kAsked && event.kind == Kind::kStart && event.target == kHarness &&
      event.detail.empty()) {
    child_ = event.life;  // a start that nobody introduced: the child that we asked for
    crew_.adopt_child(event.life, static_cast<pid_t>(event.value));
  }
  if (event.kind == Kind::kOwns) somebody_owned_ = true;
}

void LeakDrill::turn(std::int64_t now_ms) {
  const bool late = now_ms >= deadline_ms_;
  switch (phase_) {
    case Phase::kIdle:
      if (late && !kinds_.empty()) ask(now_ms);
      break;
    case Phase::kAsked:
      if (child_ != kHarness) {
        if (Member* parent = crew_.find(parent_)) crew_.inject(*parent, SIGKILL, "kill");
        go(Phase::kDying, now_ms + kEndMs);
      } else if (late) {
        go(Phase::kIdle, now_ms);
      }
      break;
    case Phase::kDying:
      if (crew_.quiet()) begin_window(now_ms);
      break;
    case Phase::kQuiet:
      if (somebody_owned_ || late) {
        end_window();
        go(Phase::kEnding, now_ms + kEndMs);
      }
      break;
    case Phase::kEnding:
      if (!crew_.has_child()) go(Phase::kIdle, now_ms + kPauseMs);
      break;
  }
}

void LeakDrill::ask(std::int64_t now_ms) {
  if (crew_.size() == 0 || crew_.has_child()) return;
  Member& member = crew_.at(random_.below(static_cast<std::uint32_t>(crew_.size())));
  if (member.killed || member.stopped) return;
  const std::string& kind = kinds_[next_++ % kinds_.size()];
  parent_ = member.life;
  child_ = kHarness;
  ++drilled_[kind];
  crew_.inject(member, kind == "fork_child" ? ask::kFork : ask::kForkExec, kind.c_str());
  go(Phase::kAsked, now_ms + kAnswerMs);
}

void LeakDrill::begin_window(std::int64_t now_ms) {
  somebody_owned_ = false;
  ledger_.note({.kind = Kind::kQuiet, .phase = ::lockproof::Phase::kBegin, .target = child_});
  go(Phase::kQuiet, now_ms + kWindowMs);
}

void LeakDrill::end_window() {
  ledger_.note({.kind = Kind::kQuiet, .phase = ::lockproof::Phase::kEnd, .target = child_});
  crew_.end_child();
}

void LeakDrill::abandon() {
  if (phase_ == Phase::kQuiet) end_window();
  kinds_.clear();
  phase_ = Phase::kIdle;
}

}  // namespace lockproof
