// SPDX-License-Identifier: Apache-2.0
// The ledger: the history of a run while it is written. It drains the witness, adds what only the
// engine knows, asks the invariants about each event once, and keeps the last events for an
// excerpt: a run has no end in sight, so the whole is not kept.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/verdict.h"
#include "invariants/invariant.h"
#include "stress/witness.h"

namespace lockproof {

class Ledger {
 public:
  // What the engine knows of a life before its first event, and the witness cannot say.
  struct Origin {
    Life parent = kHarness;
    std::string role;
  };
  using Listener = std::function<void(const Event& event)>;

  static constexpr std::size_t kRecent = 1 << 16;
  static constexpr std::size_t kStarts = 1 << 13;

  Ledger(Witness witness, const std::vector<std::string>& invariants, const Bounds& bounds,
         Listener listener);

  void introduce(Life life, Origin origin);

  // An event of the engine itself takes its place in the order now; it reaches the invariants when
  // the ledger drains.
  void note(Event event);

  // Takes what has happened since: the listener first, then the invariants see each event. Returns
  // how many there were.
  std::size_t drain();

  // No more events come.
  void end();

  bool violated() const;
  std::vector<Finding> findings() const;  // the first of each invariant
  std::uint64_t events() const { return seq_; }

  // The last events up to and with `finding`'s, oldest first, and the beginnings of the lives that
  // it names.
  std::vector<Event> excerpt(const Finding& finding, std::size_t limit) const;

 private:
  void see(std::uint64_t seq, const Mark& mark);

  Witness witness_;
  Listener listener_;
  std::vector<std::unique_ptr<Invariant>> invariants_;
  std::map<Life, Origin> origins_;
  std::map<Life, Event> starts_;  // of the last kStarts lives: an excerpt says who they are
  std::vector<Event> notes_;      // engine events that are in the ring, by index
  std::uint32_t next_note_ = 0;
  std::vector<Event> recent_;  // a ring by seq
  std::uint64_t seq_ = 0;
};

}  // namespace lockproof
