// SPDX-License-Identifier: Apache-2.0
// Replay: the choices of a schedule, once. It ends with them; where one is not possible it stops
// and says so.
#pragma once

#include "explore/strategy.h"

namespace lockproof {

class Replay final : public Strategy {
 public:
  explicit Replay(std::vector<Choice> choices) : choices_(std::move(choices)) {}

  Result<std::optional<std::size_t>> resume(Execution& run) override;
  std::optional<Choice> choose(Execution& run, const Possible& possible) override;
  void took(Execution&) override {}

  // Why it stopped before the end of the schedule, one sentence; "" when it did not.
  const std::string& stopped() const { return stopped_; }

 private:
  std::vector<Choice> choices_;
  bool begun_ = false;
  std::string stopped_;
};

// What a run looks like after these choices, and what the claims say of it.
struct Replayed {
  std::vector<Step> steps;
  std::vector<Event> events;
  std::vector<Finding> findings;
};
// An error: a choice that is not possible, named by its number; or the world refused.
Result<Replayed> replay(const Problem& problem, const std::vector<Choice>& choices);

}  // namespace lockproof
