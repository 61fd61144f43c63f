// SPDX-License-Identifier: Apache-2.0
// Lives: who lives, what its attempt has come to, and when it was certainly alive.
//
// The one place that knows how a death blurs a history. A process that logs an event by itself
// lived then. A process that ended by a signal lived until the first such signal was sent to it,
// and a sender logs a signal before it sends it. Any other end says nothing about when it happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/event.h"

namespace lockproof {

struct LiveLife {
  Life life = kHarness;
  Event start;  // seq 0 when it was not seen
  Event turn;   // the last event of its attempt; seq 0 before the first
  bool stopped = false;
  std::vector<std::pair<std::int64_t, std::uint64_t>> signals;  // first of each: signal, seq

  std::int64_t pid() const { return start.value; }  // 0 when unknown
  std::string_view role() const { return start.detail; }
  bool claiming() const { return turn.seq != 0 && turn.kind == Kind::kClaim; }
  bool owns() const { return turn.seq != 0 && turn.kind == Kind::kOwns; }
  bool giving_up() const { return turn.seq != 0 && turn.kind == Kind::kGivesUp; }
  // May own in truth: ownership begins before `owns` is told and ends after `gives_up`.
  bool in_play() const { return claiming() || owns() || giving_up(); }
  // 0: never sent.
  std::uint64_t first(std::int64_t signal) const;
};

// What an event says about whether a life was alive at an earlier one.
enum class Proof : std::uint8_t { kNothing, kAlive, kNever };

class Lives {
 public:
  void see(const Event& event);

  // Null when it has ended or was never seen.
  const LiveLife* find(Life life) const;
  // Those whose last word is `owns`, in that order. Dead ones are among them until `ended`.
  const std::vector<const LiveLife*>& owners() const { return owners_; }
  const std::unordered_map<Life, LiveLife>& all() const { return all_; }
  // How many are in play.
  std::size_t in_play() const { return in_play_; }

  // Was `life` certainly alive at `seq`? Ask with each later event, before see() gets it.
  Proof proof(const Event& event, Life life, std::uint64_t seq) const;

 private:
  LiveLife& at(Life life);
  void begin(const Event& start);
  void take_turn(const Event& event);
  void leave_play(const LiveLife& life);

  std::unordered_map<Life, LiveLife> all_;
  std::unordered_map<Life, LiveLife> early_;  // signals to who has not said that it starts
  std::vector<const LiveLife*> owners_;
  std::size_t in_play_ = 0;
};

// "life 12 (pid 4711)"
std::string called(const LiveLife& life);
// "at event 46", "from event 46 to 49"
std::string when(const Event& begin, const Event& end);
// "was empty", "named pid 12"
std::string describe_seen(std::int64_t value);

}  // namespace lockproof
