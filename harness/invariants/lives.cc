// SPDX-License-Identifier: Apache-2.0
#include "invariants/lives.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

namespace lockproof {

std::uint64_t LiveLife::first(std::int64_t signal) const {
  for (const auto& [number, seq] : signals) {
    if (number == signal) return seq;
  }
  return 0;
}

LiveLife& Lives::at(Life life) {
  LiveLife& found = all_[life];
  found.life = life;
  return found;
}

// By itself, so somebody who has made it may have signalled it before.
void Lives::begin(const Event& start) {
  LiveLife& life = at(start.life);
  life.start = start;
  if (const auto early = early_.extract(start.life)) {
    life.signals = early.mapped().signals;
    life.stopped = early.mapped().stopped;
  }
}

void Lives::leave_play(const LiveLife& life) {
  if (life.in_play()) --in_play_;
  if (life.owns()) std::erase(owners_, &life);
}

void Lives::take_turn(const Event& event) {
  LiveLife& life = at(event.life);
  leave_play(life);
  life.turn = event;
  if (life.in_play()) ++in_play_;
  if (life.owns()) owners_.push_back(&life);
}

void Lives::see(const Event& event) {
  switch (event.kind) {
    case Kind::kStart:
      begin(event);
      break;
    case Kind::kClaim:
    case Kind::kBusy:
    case Kind::kOwns:
    case Kind::kGivesUp:
    case Kind::kReleased:
    case Kind::kFailed:
      take_turn(event);
      break;
    case Kind::kEnded:
      early_.erase(event.life);
      if (const auto found = all_.find(event.life); found != all_.end()) {
        leave_play(found->second);
        all_.erase(found);
      }
      break;
    case Kind::kFault:
    case Kind::kSignal: {
      if (event.value == 0) break;
      const auto found = all_.find(event.target);
      LiveLife& target = found != all_.end() ? found->second : early_[event.target];
      // A signal of which only the end was logged was sent at an unknown time before.
      const std::uint64_t sent = event.phase == Phase::kEnd ? 1 : event.seq;
      if (target.first(event.value) == 0) target.signals.emplace_back(event.value, sent);
      if (event.value == SIGSTOP) target.stopped = true;
      if (event.value == SIGCONT) target.stopped = false;
      break;
    }
    default:
      break;
  }
}

const LiveLife* Lives::find(Life life) const {
  const auto found = all_.find(life);
  return found == all_.end() ? nullptr : &found->second;
}

Proof Lives::proof(const Event& event, Life life, std::uint64_t seq) const {
  if (event.life != life) return Proof::kNothing;
  if (event.kind == Kind::kStart) return Proof::kNothing;  // may be logged by its parent
  if (event.kind != Kind::kEnded) return event.seq > seq ? Proof::kAlive : Proof::kNothing;
  const LiveLife* found = find(life);
  const int status = static_cast<int>(event.value);
  if (found == nullptr || !WIFSIGNALED(status)) return Proof::kNever;
  const std::uint64_t killed = found->first(SIGKILL);
  if (killed != 0 && killed < seq) return Proof::kNever;
  return found->first(WTERMSIG(status)) > seq ? Proof::kAlive : Proof::kNever;
}

std::string called(const LiveLife& life) {
  if (life.pid() == 0) return fmt::format("life {}", life.life);
  return fmt::format("life {} (pid {})", life.life, life.pid());
}

std::string when(const Event& begin, const Event& end) {
  if (begin.seq == end.seq) return fmt::format("at event {}", end.seq);
  return fmt::format("from event {} to {}", begin.seq, end.seq);
}

std::string describe_seen(std::int64_t value) {
  switch (value) {
    case seen::kAbsent:
      return "was absent";
    case seen::kEmpty:
      return "was empty";
    case seen::kTorn:
      return "named nobody";
    case seen::kHeld:
      return "was held";
    case seen::kOrphan:
      return "was held on a file that the name does not reach";
    case seen::kUnknown:
      return "could not be read";
    default:
      return fmt::format("named pid {}", value);
  }
}

}  // namespace lockproof
