// SPDX-License-Identifier: Apache-2.0
// Test only: histories in few lines. Each call adds the next event; the pid of life N is 40 + N.
#pragma once

#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "invariants/invariant.h"

namespace lockproof::test {

inline constexpr std::int64_t pid_of(Life life) { return 40 + static_cast<std::int64_t>(life); }
inline constexpr std::int64_t exit_status(int code) { return code << 8; }

class HistoryBuilder {
 public:
  HistoryBuilder& start(Life life, std::string role = "contender", Life parent = kHarness) {
    return add(life, Kind::kStart, parent, pid_of(life), std::move(role));
  }
  HistoryBuilder& claim(Life life) { return add(life, Kind::kClaim); }
  HistoryBuilder& busy(Life life) { return add(life, Kind::kBusy); }
  HistoryBuilder& owns(Life life) { return add(life, Kind::kOwns); }
  HistoryBuilder& gives_up(Life life) { return add(life, Kind::kGivesUp); }
  HistoryBuilder& released(Life life) { return add(life, Kind::kReleased); }
  HistoryBuilder& failed(Life life) { return add(life, Kind::kFailed); }
  // Two events each time.
  HistoryBuilder& loses(Life life, int times = 1) {
    for (int i = 0; i < times; ++i) claim(life).busy(life);
    return *this;
  }

  HistoryBuilder& fault(Life target, int signal, std::string name = "") {
    return add(kHarness, Kind::kFault, target, signal, std::move(name));
  }
  HistoryBuilder& kill(Life target) { return fault(target, SIGKILL, "kill"); }
  // `status`: a wait status; a bare signal number is death by it.
  HistoryBuilder& ended(Life life, std::int64_t status, std::string detail = "") {
    return add(life, Kind::kEnded, kHarness, status, std::move(detail));
  }
  HistoryBuilder& signal(Life sender, Life target, int number) {
    return add(sender, Kind::kSignal, target, number);
  }
  HistoryBuilder& tick(std::int64_t ms) { return add(kHarness, Kind::kTick, kHarness, ms); }

  HistoryBuilder& begin(Life life, Kind kind, Object object = Object::kNone, std::int64_t value = 0,
                        Life target = kHarness) {
    return add(life, kind, target, value, "", Phase::kBegin, object);
  }
  HistoryBuilder& end(Life life, Kind kind, Object object = Object::kNone, std::int64_t value = 0,
                      Life target = kHarness) {
    return add(life, kind, target, value, "", Phase::kEnd, object);
  }
  // Two events.
  HistoryBuilder& look(Life life, Object object, std::int64_t value) {
    return begin(life, Kind::kLook, object).end(life, Kind::kLook, object, value);
  }
  // Two events.
  HistoryBuilder& change(Life life, Object object, Change change) {
    const auto value = static_cast<std::int64_t>(change);
    return begin(life, Kind::kChange, object, value).end(life, Kind::kChange, object, value);
  }
  HistoryBuilder& loop(std::int64_t since, Life target = kHarness) {
    return add(kHarness, Kind::kLoop, target, since);
  }
  HistoryBuilder& quiet(Life target = kHarness) {
    return begin(kHarness, Kind::kQuiet, Object::kNone, 0, target);
  }
  HistoryBuilder& noisy(Life target = kHarness) {
    return end(kHarness, Kind::kQuiet, Object::kNone, 0, target);
  }

  HistoryBuilder& add(Life life, Kind kind, Life target = kHarness, std::int64_t value = 0,
                      std::string detail = "", Phase phase = Phase::kPoint,
                      Object object = Object::kNone) {
    events_.push_back(
        {events_.size() + 1, life, kind, phase, object, target, value, std::move(detail)});
    return *this;
  }

  History history() const { return {"test/one", "ideal", "stress", false, events_}; }
  std::uint64_t now() const { return events_.size(); }

 private:
  std::vector<Event> events_;
};

// The places of the events of each finding.
using Places = std::vector<std::vector<std::uint64_t>>;
inline const Places kNone;

inline Places broken(const std::string& invariant, const HistoryBuilder& run,
                     const Bounds& bounds = {}) {
  Places places;
  for (const Finding& finding : check(run.history(), {invariant}, bounds)) {
    places.emplace_back();
    for (const Event& event : finding.events) places.back().push_back(event.seq);
  }
  return places;
}

}  // namespace lockproof::test
