// SPDX-License-Identifier: Apache-2.0
// Strategies that make one run after another, in the simulated kernel itself or with real
// processes, and give each to the invariants.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "check/evidence.h"
#include "check/judge.h"
#include "core/clock.h"
#include "explore/dfs.h"
#include "explore/dpor.h"
#include "explore/explore.h"
#include "explore/optimal.h"
#include "explore/random_walks.h"
#include "explore/shrink.h"

namespace lockproof {
namespace {

// Bugs that need more orderings are found, too, but less often.
constexpr unsigned kPctDepth = 3;
constexpr double kLookEvery = 0.1;  // seconds

std::unique_ptr<Strategy> make_strategy(const std::string& name, const Problem& problem,
                                        std::uint64_t seed) {
  if (name == "dfs") return std::make_unique<Dfs>();
  if (name == "dpor") return std::make_unique<Dpor>(problem);
  if (name == "optimal") return std::make_unique<Optimal>(problem);
  if (name == "random") return std::make_unique<PlainRandom>(problem, seed);
  if (name == "urw") return std::make_unique<UniformWalk>(problem, seed);
  if (name == "pct") return std::make_unique<Pct>(problem, seed, kPctDepth);
  return nullptr;
}

// These reverse what races in a run. That a late contender never gets in is no race, so what they
// leave out might be the run that shows it.
bool can_judge(const std::string& strategy, const std::string& invariant) {
  const bool reduces = strategy == "dpor" || strategy == "optimal";
  if (reduces && invariant == "recovers") return false;
  return find_claim(invariant) != nullptr;
}

// Where a reduction is known to lose an order now and then (dpor.h, optimal.h), the end of its
// exploration is no proof. Empty: it is one.
Reason doubt(const std::string& strategy, const Rules& rules) {
  const bool late = std::find(rules.late.begin(), rules.late.end(), true) != rules.late.end();
  if (strategy == "optimal" && late) {
    return {ErrorCode::kNoProof,
            "'optimal' may leave out an order where a late process takes part; 'dpor' does not"};
  }
  if (strategy == "dpor" && rules.time == TimeMode::kOrdered) {
    return {ErrorCode::kNoProof,
            "'dpor' may leave out an order where time is ordered; 'optimal' does not"};
  }
  return {};
}

std::string what_was_seen(const std::string& strategy) {
  return strategy == "dfs" ? "every run, with any number of retries"
                           : "of all runs that differ only in the order of independent steps, one, "
                             "with any number of retries";
}

// Ends an exploration: at the first finding, at the end of the budget, or because somebody says so.
class Watcher {
 public:
  Watcher(const CheckOptions& options, bool samples) : options_(options), samples_(samples) {}

  bool stops(const Explored& explored) {
    if (!explored.violations.empty() && !options_.keeps_going) return true;
    const double now = seconds();
    if (samples_ && explored.executions >= options_.executions) {
      reason_ = {
          ErrorCode::kNoProof,
          fmt::format("{} runs that were drawn broke nothing; others might", explored.executions)};
    } else if (options_.limits.seconds > 0 && since(options_.begun) >= options_.limits.seconds) {
      reason_ = {ErrorCode::kTimeBudget,
                 fmt::format("the time budget of {:.4g} s was reached", options_.limits.seconds)};
    } else if (now >= next_look_ && options_.watch_runs) {
      next_look_ = now + kLookEvery;
      if (!options_.watch_runs({explored.executions, explored.transitions, now})) {
        reason_ = {ErrorCode::kInterrupted, "interrupted"};
      }
    }
    return !reason_.empty();
  }

  double seconds() const { return since(begin_); }
  const Reason& reason() const { return reason_; }

 private:
  double since(std::optional<Clock::time_point> begun) const {
    return std::chrono::duration<double>(Clock::now() - begun.value_or(begin_)).count();
  }

  const CheckOptions& options_;
  const bool samples_;
  const Clock::time_point begin_ = Clock::now();
  double next_look_ = kLookEvery;
  Reason reason_;
};

// The shortest of those found, with nothing in it that is not needed.
Result<Broken> shortened(const Problem& problem, const Explored& explored) {
  const auto* best = &*explored.violations.begin();
  for (const auto& found : explored.violations) {
    if (found.second.choices.size() < best->second.choices.size()) best = &found;
  }
  auto choices = shrink(problem, best->second.choices, best->first);
  if (!choices.ok())
    return internal_error(ErrorCode::kInternal,
                          "a run that was found: " + choices.error().sentence);
  Execution run(problem);
  if (auto begun = run.begin(); !begun.ok()) return begun.error();
  for (const Choice choice : *choices) {
    if (auto taken = run.take(choice); !taken.ok()) return taken.error();
  }
  return Broken{best->first, std::move(*choices), run.moves().steps().empty(), false};
}

// What a run could not go on with may be what took the budget.
Reason why_it_ended(const Reason& run, const Reason& watcher) {
  if (watcher.empty()) return run;
  if (run == kBound || run.empty()) return watcher;
  return {run.code, run + "; " + watcher};
}

}  // namespace

Result<Judged> judge_by_runs(Stage& stage, const std::vector<std::string>& invariants,
                             const Bounds& bounds, const CheckOptions& options) {
  Judged judged;
  std::vector<std::string> asked;
  for (const std::string& name : invariants) {
    (can_judge(options.strategy, name) ? asked : judged.unjudged).push_back(name);
  }
  const bool samples = find_strategy(options.strategy)->samples;
  Watcher watcher(options, samples);
  Limits limits;
  for (;;) {
    Theatre theatre(stage, asked, bounds, false, options.world);
    // Once somebody looks at how others die, each step of a death counts, from the beginning.
    const auto deaths_count = [&] {
      return theatre.deaths_are_seen() != stage.tables().states_are_seen;
    };
    limits.stop = [&](const Explored& explored) {
      return deaths_count() || watcher.stops(explored);
    };
    const auto strategy = make_strategy(options.strategy, theatre.problem(), options.seed);
    auto explored = explore(theatre.problem(), *strategy, limits);
    if (!explored.ok()) return explored.error();
    if (deaths_count()) {
      stage.tables().states_are_seen = true;
      continue;
    }
    judged.counts = {{"executions", explored->executions}, {"transitions", explored->transitions}};
    const Strategy::Overhead overhead = strategy->overhead();
    if (overhead.in_vain > 0) judged.counts.emplace_back("in vain", overhead.in_vain);
    if (overhead.looked_ahead > 0)
      judged.counts.emplace_back("looked ahead", overhead.looked_ahead);
    judged.exhausted = explored->exhausted && !samples;
    judged.owned = explored->owned;
    judged.stopped = why_it_ended(explored->reason, watcher.reason());
    // What is not judged leaves it open anyway, and says so.
    if (judged.exhausted && judged.unjudged.empty())
      judged.stopped = doubt(options.strategy, theatre.problem().rules);
    judged.exhausted = judged.exhausted && judged.stopped.empty();
    if (!explored->violations.empty()) {
      auto broken = shortened(theatre.problem(), *explored);
      if (!broken.ok()) return broken.error();
      judged.broken = std::move(*broken);
      judged.exhausted = false;
    }
    judged.seconds = watcher.seconds();
    if (judged.exhausted) judged.seen = what_was_seen(options.strategy);
    return judged;
  }
}

}  // namespace lockproof
