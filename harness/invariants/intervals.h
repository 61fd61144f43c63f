// SPDX-License-Identifier: Apache-2.0
// Intervals: acts that take a while, of the kinds that one invariant looks at. A life does one act
// of a kind on an object and a target at a time.
#pragma once

#include <algorithm>
#include <vector>

#include "core/event.h"

namespace lockproof {

class Intervals {
 public:
  // The event with which the act began that `event` completes: itself for a point. Null while the
  // act is under way, and when its beginning was not seen. Valid until the next call.
  const Event* see(const Event& event) {
    if (event.phase == Phase::kPoint) return &event;
    const auto found = std::find_if(open_.begin(), open_.end(), [&](const Event& begin) {
      return begin.life == event.life && begin.kind == event.kind && begin.object == event.object &&
             begin.target == event.target;
    });
    if (event.phase == Phase::kBegin) {
      if (found == open_.end()) open_.push_back(event);
      return nullptr;
    }
    if (found == open_.end()) return nullptr;
    done_ = *found;
    open_.erase(found);
    return &done_;
  }

  // It died in the middle: whether its acts happened is unknown.
  void forget(Life life) {
    std::erase_if(open_, [&](const Event& begin) { return begin.life == life; });
  }

  // Begun and not completed, oldest first.
  const std::vector<Event>& open() const { return open_; }
  bool open(Life life, Kind kind) const { return begun(life, kind) != nullptr; }
  const Event* begun(Life life, Kind kind) const {
    for (const Event& begin : open_) {
      if (begin.life == life && begin.kind == kind) return &begin;
    }
    return nullptr;
  }

 private:
  std::vector<Event> open_;
  Event done_;
};

}  // namespace lockproof
