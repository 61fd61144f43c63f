// SPDX-License-Identifier: Apache-2.0
// Explores the runs of a problem with a strategy, judges each at rest and at its end, and says what
// was found. The same problem, strategy and seed give the same outcome.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "explore/strategy.h"

namespace lockproof {

// The shortest run that breaks a claim: a prefix of an execution.
struct Violation {
  Finding finding;
  std::vector<Choice> choices;
};

inline constexpr const char* kBound = "a bound was reached";

struct Explored {
  std::set<std::uint64_t> end_states;           // Execution::end_state() of every run at rest
  std::map<std::string, Violation> violations;  // by invariant
  std::uint64_t executions = 0;  // that came to rest, to a bound or to what the world refuses
  std::uint64_t transitions = 0;
  bool exhausted = false;  // the strategy saw all that it had to see
  bool owned = false;      // somebody ever did
  // Why not, one sentence; "" when exhausted. What a run could not go on with comes before kBound.
  Reason reason;
};

struct Limits {
  std::size_t steps = 10'000;  // of one execution
  std::uint64_t executions = UINT64_MAX;
  // Asked before each execution; true ends the exploration.
  std::function<bool(const Explored&)> stop = [](const Explored&) { return false; };
};

// An error: the start cannot be had, or the subject is not deterministic.
Result<Explored> explore(const Problem& problem, Strategy& strategy, const Limits& limits = {});

}  // namespace lockproof
