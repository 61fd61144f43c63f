// SPDX-License-Identifier: Apache-2.0
// The fault plan: seeded dice that choose when to hit whom with what.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "stress/crew.h"

namespace lockproof {

class Dice {
 public:
  // Of `faults`, those that are a signal: kill, term, stop, slow_shutdown.
  Dice(std::uint64_t seed, const std::vector<std::string>& faults, std::uint32_t per_second);

  // Injects what is due by now. Owners are hit every other time, when there are any: that is where
  // it hurts.
  void roll(std::int64_t now_ms, Crew& crew, const std::set<Life>& owners);
  // Time passes without faults.
  void skip(std::int64_t now_ms) { rolled_until_ms_ = now_ms; }

  const std::map<std::string, std::uint64_t>& injected() const { return injected_; }

 private:
  Member* victim(Crew& crew, const std::set<Life>& owners);
  void hit(Member& member, const std::string& fault, std::int64_t now_ms, Crew& crew);

  Random random_;
  std::vector<std::string> faults_;
  std::uint32_t per_second_;
  std::int64_t rolled_until_ms_ = 0;
  std::map<std::string, std::uint64_t> injected_;
};

}  // namespace lockproof
