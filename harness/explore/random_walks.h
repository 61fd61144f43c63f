// SPDX-License-Identifier: Apache-2.0
// Strategies that sample: each execution is a new one from the beginning, drawn with the numbers of
// its seed. They find; they never exhaust.
//
// Faults are placed beforehand: an execution draws how many it has (at most as many as the budgets
// allow) and before which of its steps. Then whoever is chosen has one of what is possible.
#pragma once

#include <array>
#include <vector>

#include "core/random.h"
#include "explore/strategy.h"

namespace lockproof {

// Where faults strike in an execution.
class CrashPoints {
 public:
  // For an execution that is expected to have `length` steps.
  void draw(Random& random, const Rules& rules, std::size_t length);
  // The fault before the step at `depth`, if there is one, and one is possible.
  std::optional<Choice> at(Random& random, std::size_t depth, const Possible& possible);

 private:
  std::vector<std::size_t> points_;  // depths, in order; the last one first
};

// Each step: any of what is possible, with equal chances.
class RandomWalk : public Strategy {
 public:
  explicit RandomWalk(const Problem& problem, std::uint64_t seed)
      : problem_(problem), random_(seed) {}

  Result<std::optional<std::size_t>> resume(Execution& run) final;
  std::optional<Choice> choose(Execution& run, const Possible& possible) final;
  void took(Execution& run) override;

 protected:
  virtual void begin() {}
  virtual std::size_t pick(const std::vector<Choice>& steps) = 0;

  Random& random() { return random_; }
  std::size_t length() const { return length_; }

 private:
  const Problem& problem_;
  Random random_;
  CrashPoints crashes_;
  std::size_t length_ = 32;  // of the longest execution so far
  bool fresh_ = true;
};

class PlainRandom final : public RandomWalk {
 public:
  using RandomWalk::RandomWalk;

 private:
  std::size_t pick(const std::vector<Choice>& steps) override;
};

// Uniform random walk: an actor is chosen in proportion to how many steps it has still to make, so
// that each interleaving has the same chance (Zhao, Wolff, Mathur, Roychoudhury: Selectively
// uniform concurrency testing, ASPLOS 2025). The numbers are those of the executions before.
class UniformWalk final : public RandomWalk {
 public:
  using RandomWalk::RandomWalk;
  void took(Execution& run) override;

 private:
  void begin() override;
  std::size_t pick(const std::vector<Choice>& steps) override;

  std::array<unsigned, 52> expected_{};  // by actor
  std::array<unsigned, 52> made_{};
};

// Probabilistic concurrency testing: each actor has a random priority, the highest goes on, and at
// depth - 1 random steps the one that would go on gets the lowest (Burckhardt, Kothari, Musuvathi,
// Nagarakatte: A randomized scheduler with probabilistic guarantees of finding bugs, ASPLOS 2010).
// A bug that needs d orderings is found with probability >= 1 / (n k^(d-1)).
class Pct final : public RandomWalk {
 public:
  Pct(const Problem& problem, std::uint64_t seed, unsigned depth)
      : RandomWalk(problem, seed), depth_(depth) {}

 private:
  void begin() override;
  std::size_t pick(const std::vector<Choice>& steps) override;

  unsigned depth_;
  std::array<std::int64_t, 52> priority_{};  // by actor
  std::vector<std::size_t> changes_;         // at these steps
  std::size_t step_ = 0;
  std::int64_t lowest_ = 0;
};

}  // namespace lockproof
