// SPDX-License-Identifier: Apache-2.0
// Rest: windows in which nothing is under way, so that what lives can be counted.
//
// The harness opens one with a kQuiet without a target. It counts as rest when the history agrees:
// no attempt, stop, destructive command or automatic start was under way at its begin, and within
// it none began, no process started or ended, no fault was placed and no signal sent. What looks
// saw of the record counts when all of them saw the same.
#pragma once

#include <optional>

#include "invariants/intervals.h"
#include "invariants/lives.h"

namespace lockproof {

class Rest {
 public:
  // True when `event` ends a window that was rest. `lives`: as they stood before it.
  bool ends(const Event& event, const Lives& lives) {
    switch (event.kind) {
      case Kind::kQuiet:
        return event.target == kHarness && quiet(event, lives);
      case Kind::kLook:
        if (event.object == Object::kRecord) look(event);
        return false;
      case Kind::kStop:
      case Kind::kDestroy:
      case Kind::kAutoStart:
        commands_.see(event);
        calm_ = false;
        return false;
      case Kind::kEnded:
        commands_.forget(event.life);
        looks_.forget(event.life);
        calm_ = false;
        return false;
      case Kind::kTick:
      case Kind::kProbe:
      case Kind::kReady:
      case Kind::kChange:
        return false;
      default:
        calm_ = false;
        return false;
    }
  }

  const Event& begin() const { return begin_; }
  // What every look in the window saw of the record: the first of them.
  const std::optional<Event>& record() const { return record_; }

  // Is it an instance that the record has to name? A child that owns, and a launcher that does, has
  // become one. One that was told busy, failed or gives up need
  // not be named: it waits, ends or drains by itself.
  bool counts(const LiveLife& life) const {
    const bool became = life.role() == role::kChild || life.role() == role::kLauncher;
    const bool is_one = life.role() == role::kInstance || life.role() == role::kUserInstance;
    if (!is_one && !(became && life.owns())) return false;
    if (life.start.seq > begin_.seq) return false;
    return life.turn.seq == 0 || life.owns();
  }

 private:
  bool quiet(const Event& event, const Lives& lives) {
    if (event.phase == Phase::kEnd) {
      const bool rest = calm_;
      calm_ = false;
      if (!consistent_) record_.reset();
      return rest;
    }
    if (event.phase != Phase::kBegin) return false;
    begin_ = event;
    record_.reset();
    consistent_ = true;
    calm_ = commands_.open().empty();
    for (const auto& [life, state] : lives.all()) {
      if (state.claiming() || state.giving_up() || state.stopped) calm_ = false;
    }
    return false;
  }

  void look(const Event& event) {
    const Event* begin = looks_.see(event);
    if (!calm_ || begin == nullptr || begin->seq < begin_.seq) return;
    if (record_ && record_->value != event.value) consistent_ = false;
    if (!record_) record_ = event;
  }

  Intervals commands_, looks_;
  Event begin_;
  bool calm_ = false;
  bool consistent_ = true;
  std::optional<Event> record_;
};

}  // namespace lockproof
