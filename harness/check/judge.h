// SPDX-License-Identifier: Apache-2.0
// judge: one subject of a scenario, explored by one strategy.
//
// It says what the strategy saw, and believes nothing: that a run breaks an invariant is shown by
// running it again (evidence.h).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "check/stage.h"
#include "check/strategies.h"
#include "core/clock.h"
#include "core/verdict.h"
#include "explore/search.h"

namespace lockproof {

// How far a strategy has come that makes one run after another.
struct RunsProgress {
  std::uint64_t executions = 0;
  std::uint64_t transitions = 0;
  double seconds = 0;
  // Of a search whose questions real processes are asked: those that are, and all. 0: of no search.
  std::uint64_t asked = 0;
  std::uint64_t questions = 0;
};

struct CheckOptions {
  StageOptions stage;
  InWorld world = InWorld::kAuto;
  std::string strategy{kSearch};  // of all_strategies()
  SearchLimits limits;            // seconds: for each subject; the rest: of a search
  // Since when the seconds count, where other work was part of them; empty: since the strategy's
  // begin.
  std::optional<Clock::time_point> begun{};
  bool keeps_going = false;           // of one that makes runs: behind the first that is found
  std::uint64_t executions = 10'000;  // of a strategy that samples: how many runs it draws
  std::uint64_t seed = 1;             // of a strategy that samples
  bool mutants = true;
  // Of a search of the scenario itself, not of its mutants: one shard of it; or all shards have
  // done their parts, and are merged instead of a search.
  std::optional<ShardPlace> shard{};
  bool merges = false;
  // Likewise: it leaves checkpoints, and may begin from one. `of_what`: the version; what is
  // searched is added to it.
  std::optional<CheckpointPlan> checkpoint{};
  // About ten times a second; false ends the check. Null: nobody watches.
  std::function<bool(const SearchProgress&)> watch;             // a search
  std::function<bool(const RunsProgress&)> watch_runs;          // any other strategy, or live
  std::function<bool(const LearningProgress&)> watch_learning;  // of a command
};

// A run that breaks an invariant.
struct Broken {
  std::string invariant;
  std::vector<Choice> choices;
  bool at_rest = false;   // by what does not happen any more
  bool shortest = false;  // no run with fewer steps breaks any of the claims
  std::size_t round = 0;  // the last so many choices come back to where they began
};

struct Judged {
  std::optional<Broken> broken;
  bool exhausted = false;                 // nothing is broken, and all was seen that is to be seen
  Reason stopped;                         // why not, one sentence
  bool owned = false;                     // somebody ever did
  std::vector<std::string> unjudged;      // the invariants that the strategy cannot judge
  std::string seen;                       // when exhausted: what of the runs, in words
  std::string how;                        // when exhausted: what that relies on, in words
  sim::Pids pids = sim::Pids::kSymbolic;  // of a search: as its states have them
  std::vector<Count> counts;
  double seconds = 0;
};

// With the strategy that the options name. Errors: as Program::next(), and kInternal.
Result<Judged> judge(Stage& stage, const std::vector<std::string>& invariants, const Bounds& bounds,
                     const CheckOptions& options);

// The two kinds of strategies.
Result<Judged> judge_by_search(Stage& stage, const std::vector<std::string>& invariants,
                               const CheckOptions& options);
Result<Judged> judge_by_runs(Stage& stage, const std::vector<std::string>& invariants,
                             const Bounds& bounds, const CheckOptions& options);

}  // namespace lockproof
