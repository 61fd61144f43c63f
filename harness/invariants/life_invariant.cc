// SPDX-License-Identifier: Apache-2.0
#include "invariants/life_invariant.h"

#include <algorithm>
#include <csignal>
#include <utility>

namespace lockproof {

void LifeInvariant::suspect(std::vector<Life> lives, std::uint64_t seq, std::string why,
                            std::vector<Event> events) {
  for (const Suspicion& suspicion : suspicions_) {
    if (suspicion.lives == lives) return;
  }
  std::vector<Life> unproved = lives;
  suspicions_.push_back(
      {std::move(lives), std::move(unproved), seq, std::move(why), std::move(events)});
}

bool LifeInvariant::suspects(Life life) const {
  return std::any_of(suspicions_.begin(), suspicions_.end(), [&](const Suspicion& suspicion) {
    return suspicion.lives.size() == 1 && suspicion.lives[0] == life;
  });
}

bool LifeInvariant::killed(const LiveLife& life) { return life.first(SIGKILL) != 0; }

void LifeInvariant::settle(const Event& event) {
  std::erase_if(suspicions_, [&](Suspicion& suspicion) {
    bool never = false;
    std::erase_if(suspicion.unproved, [&](Life life) {
      const Proof proof = lives_.proof(event, life, suspicion.seq);
      never = never || proof == Proof::kNever;
      return proof == Proof::kAlive;
    });
    if (never) return true;
    if (!suspicion.unproved.empty()) return false;
    report(std::move(suspicion.why), std::move(suspicion.events));
    return true;
  });
}

}  // namespace lockproof
