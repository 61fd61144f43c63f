// SPDX-License-Identifier: Apache-2.0
// LifeInvariant: an invariant about lives, and suspicions that wait for a proof of life.
//
// "A owned while B did" is a breach only if A lived then, and only a later event can tell. So a
// breach that depends on lives is a suspicion first: it becomes a finding when each of them is
// proved to have been alive at that moment, and is dropped when one of them ended without such a
// proof. For the same lives the earliest suspicion is the easiest to prove, so one is kept: memory
// is bounded by the processes alive.
#pragma once

#include <string>
#include <vector>

#include "core/event.h"
#include "invariants/invariant.h"
#include "invariants/lives.h"

namespace lockproof {

class LifeInvariant : public Invariant {
 public:
  void see(const Event& event) final {
    if (findings().size() >= kFindings) return;
    if (!suspicions_.empty()) settle(event);
    judge(event);
    lives_.see(event);
  }

 protected:
  // Gets every event; lives() is how things stood just before it.
  virtual void judge(const Event& event) = 0;

  const Lives& lives() const { return lives_; }

  // `why` and `events` break the claim if all of `lives` (sorted) lived at `seq`.
  void suspect(std::vector<Life> lives, std::uint64_t seq, std::string why,
               std::vector<Event> events);
  bool suspects(Life life) const;  // alone

  // Calls f(owner) for each life that says that it owns from before `begin` until now and that
  // nobody has sent a SIGKILL; what it did with the lock since is known, whether it lives is not.
  template <class F>
  void each_owner_since(std::uint64_t begin, F f) const {
    for (const LiveLife* owner : lives_.owners()) {
      if (owner->turn.seq < begin && !killed(*owner)) f(*owner);
    }
  }
  static bool killed(const LiveLife& life);

 private:
  struct Suspicion {
    std::vector<Life> lives;
    std::vector<Life> unproved;
    std::uint64_t seq;
    std::string why;
    std::vector<Event> events;
  };
  void settle(const Event& event);

  Lives lives_;
  std::vector<Suspicion> suspicions_;
};

}  // namespace lockproof
