// SPDX-License-Identifier: Apache-2.0
#include "stress/dice.h"

#include <algorithm>
#include <csignal>

#include "stress/contender.h"

namespace lockproof {
namespace {

constexpr std::uint32_t kStopMsMax = 60;

}  // namespace

Dice::Dice(std::uint64_t seed, const std::vector<std::string>& faults, std::uint32_t per_second)
    : random_(seed, 2), per_second_(per_second) {
  for (const std::string& fault : faults) {
    if (fault == "fork_child" || fault == "exec_child") continue;  // drills, see LeakDrill
    faults_.push_back(fault);
    injected_[fault] = 0;
  }
}

void Dice::roll(std::int64_t now_ms, Crew& crew, const std::set<Life>& owners) {
  if (faults_.empty()) return;
  // One throw for each millisecond that has passed, so the plan does not depend on how often it is
  // asked.
  for (; rolled_until_ms_ < now_ms; ++rolled_until_ms_) {
    if (random_.below(1000) >= per_second_) continue;
    const std::string& fault = faults_[random_.below(static_cast<std::uint32_t>(faults_.size()))];
    Member* member = victim(crew, owners);
    if (member != nullptr) hit(*member, fault, now_ms, crew);
  }
}

Member* Dice::victim(Crew& crew, const std::set<Life>& owners) {
  Member* member = nullptr;
  if (!owners.empty() && random_.one_in(2)) {
    auto at = owners.begin();
    std::advance(at, random_.below(static_cast<std::uint32_t>(owners.size())));
    member = crew.find(*at);
  }
  if (member == nullptr && crew.size() > 0) {
    member = &crew.at(random_.below(static_cast<std::uint32_t>(crew.size())));
  }
  return member == nullptr || member->killed || member->stopped ? nullptr : member;
}

void Dice::hit(Member& member, const std::string& fault, std::int64_t now_ms, Crew& crew) {
  if (fault == "kill") crew.inject(member, SIGKILL, "kill");
  if (fault == "term") crew.inject(member, SIGTERM, "term");
  if (fault == "slow_shutdown") crew.inject(member, ask::slow_term(), "slow_shutdown");
  if (fault == "stop") {
    crew.inject(member, SIGSTOP, "stop", now_ms + 1 + random_.below(kStopMsMax));
  }
  ++injected_[fault];
}

}  // namespace lockproof
