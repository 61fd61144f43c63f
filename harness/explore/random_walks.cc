// SPDX-License-Identifier: Apache-2.0
#include "explore/random_walks.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace lockproof {

void CrashPoints::draw(Random& random, const Rules& rules, std::size_t length) {
  const unsigned most = std::accumulate(rules.budget.begin(), rules.budget.end(), 0u);
  points_.clear();
  const unsigned count = random.below(most + 1);
  for (unsigned i = 0; i < count; ++i) {
    points_.push_back(random.below(static_cast<std::uint32_t>(length) + 1));
  }
  std::sort(points_.begin(), points_.end(), std::greater<>());
}

// What cannot be done where it was placed is done at the next place where it can.
std::optional<Choice> CrashPoints::at(Random& random, std::size_t depth, const Possible& possible) {
  if (points_.empty() || points_.back() > depth || possible.faults.empty()) return std::nullopt;
  points_.pop_back();
  return possible.faults[random.below(static_cast<std::uint32_t>(possible.faults.size()))];
}

Result<std::optional<std::size_t>> RandomWalk::resume(Execution& run) {
  if (!fresh_) length_ = std::max(length_ == 32 ? 0 : length_, run.depth());
  fresh_ = false;
  crashes_.draw(random_, problem_.rules, length_);
  begin();
  return std::optional<std::size_t>(0);
}

std::optional<Choice> RandomWalk::choose(Execution& run, const Possible& possible) {
  if (const auto fault = crashes_.at(random_, run.depth(), possible)) return fault;
  if (!possible.at_rest()) return possible.steps[pick(possible.steps)];
  // A stopped process that nobody lets go on has stopped for good in half of the runs.
  std::vector<Choice> free;
  for (const Choice choice : possible.faults) {
    const bool goes_on =
        static_cast<Letter>(choice.actor) == Letter::kStop && choice.alternative >= kGoOn;
    if (goes_on) free.push_back(choice);
  }
  if (free.empty() || random_.one_in(2)) return std::nullopt;
  return free[random_.below(static_cast<std::uint32_t>(free.size()))];
}

void RandomWalk::took(Execution&) {}

std::size_t PlainRandom::pick(const std::vector<Choice>& steps) {
  return random().below(static_cast<std::uint32_t>(steps.size()));
}

void UniformWalk::begin() {
  for (std::size_t actor = 0; actor < made_.size(); ++actor) {
    expected_[actor] = std::max(expected_[actor], made_[actor]);
  }
  made_ = {};
}

void UniformWalk::took(Execution& run) { ++made_[run.steps().back().choice.actor]; }

std::size_t UniformWalk::pick(const std::vector<Choice>& steps) {
  std::vector<std::uint32_t> weights;
  for (const Choice choice : steps) {
    const unsigned expected = expected_[choice.actor];
    const unsigned made = made_[choice.actor];
    weights.push_back(expected > made ? expected - made : 1);
  }
  std::uint32_t at = random().below(std::accumulate(weights.begin(), weights.end(), 0u));
  std::size_t i = 0;
  while (at >= weights[i]) at -= weights[i++];
  return i;
}

void Pct::begin() {
  std::array<std::int64_t, 52> order{};
  std::iota(order.begin(), order.end(), 1);
  for (std::size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[random().below(static_cast<std::uint32_t>(i))]);
  }
  priority_ = order;
  changes_.clear();
  for (unsigned i = 1; i < depth_; ++i) {
    changes_.push_back(random().below(static_cast<std::uint32_t>(length()) + 1));
  }
  step_ = 0;
  lowest_ = 0;
}

std::size_t Pct::pick(const std::vector<Choice>& steps) {
  const auto highest = [&] {
    return std::max_element(steps.begin(), steps.end(), [&](Choice a, Choice b) {
      return priority_[a.actor] < priority_[b.actor];
    });
  };
  const auto due = std::count(changes_.begin(), changes_.end(), step_++);
  for (std::ptrdiff_t i = 0; i < due; ++i) priority_[highest()->actor] = --lowest_;
  return static_cast<std::size_t>(highest() - steps.begin());
}

}  // namespace lockproof
