// SPDX-License-Identifier: Apache-2.0
#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "check/evidence.h"
#include "check/learn.h"
#include "check/mutants.h"
#include "check/on_linux.h"
#include "check/shown.h"
#include "core/clock.h"
#include "core/text.h"
#include "explore/cover.h"

namespace lockproof {
namespace {

// Why what was judged is not enough to hold; "": it is.
Reason shortfall(const Judged& judged, const std::string& strategy) {
  if (!judged.exhausted || judged.unjudged.empty()) return judged.stopped;
  const std::string by = strategy == kSearch ? "a search" : strategy;
  return {ErrorCode::kNoProof,
          fmt::format("not judged by {}: {}", by, fmt::join(judged.unjudged, ", "))};
}

// Of a command little is explored unasked: each run starts its programs anew.
constexpr std::size_t kContendersUnasked = 2;

std::size_t contenders(const Scenario& scenario, const StageOptions& options) {
  const auto chosen = static_cast<std::size_t>(std::max(options.processes, 0));
  return chosen > 0 ? chosen : scenario.cast.size();
}

Result<RunResult> explore(const Scenario& scenario, const CheckOptions& options,
                          SharedSearches* shared);

RunResult not_learned(const Scenario& scenario, const CheckOptions& options, const Error& error) {
  RunResult result = result_of(scenario, options.strategy);
  if (error.kind == Error::Kind::kStopped) {
    result.reason = Reason(error);
    return result;
  }
  result.verdict = Verdict::kSkipped;
  result.reason = {
      error.code,
      fmt::format(
          "not learned: {}; `lockproof stress` judges it, and --world live explores it, with few "
          "processes",
          error.sentence)};
  return result;
}

// Of one alone there is nothing to reduce, and every promise can be judged.
const char* in_order(std::size_t contenders) { return contenders == 1 ? "dfs" : "dpor"; }

// Of the seconds that are left, in those of `live`.
double a_quarter_more(const CheckOptions& live) {
  const std::chrono::duration<double> gone = Clock::now() - live.begun.value();
  return gone.count() + std::max(live.limits.seconds - gone.count(), 0.0) / 4;
}

// Of more than one, some runs are drawn first: they show soon what is frequent, and each costs as
// much as the programs' starts.
Result<RunResult> explore_unlearned(const Scenario& scenario, const CheckOptions& live,
                                    std::size_t many, const std::string& why) {
  constexpr std::uint64_t kDrawn = 20;
  const auto by = [&](const char* strategy, CheckOptions options) {
    options.strategy = strategy;
    auto explored = explore(scenario, options, nullptr);
    if (explored.ok()) explored->notes.push_back(why);
    return explored;
  };
  if (many > 1) {
    CheckOptions some = live;
    some.executions = kDrawn;
    if (live.limits.seconds > 0) some.limits.seconds = a_quarter_more(live);
    auto drawn = by("urw", some);
    if (!drawn.ok() || drawn->verdict == Verdict::kViolated) return drawn;
  }
  return by(in_order(many), live);
}

}  // namespace

// A command is learned and searched; what cannot be learned is explored with real processes, where
// that ends in a short time.
Result<RunResult> check(const Scenario& scenario, const CheckOptions& options,
                        SharedSearches* shared) {
  if (scenario.subject.builtin != nullptr) return explore(scenario, options, shared);
  CheckOptions learning = options;
  learning.stage.patience_ms = patience_ms(options);
  learning.begun = Clock::now();
  CheckOptions live = learning;
  live.world = InWorld::kLive;
  const std::size_t many = contenders(scenario, options.stage);
  if (options.world == InWorld::kLive) {
    if (live.strategy == kSearch) live.strategy = in_order(many);
    return explore(scenario, live, nullptr);
  }
  const bool goes_live = options.world == InWorld::kAuto && many <= kContendersUnasked;
  learning.stage.learns = true;
  learning.stage.learning = learning_limits(options, goes_live);
  auto learned = explore(scenario, learning, nullptr);
  if (learned.ok()) return learned;
  const Error error = learned.error();
  const bool stopped = error.kind == Error::Kind::kStopped;
  if (!stopped && error.kind != Error::Kind::kEnvironment) return learned;
  if (!goes_live || (stopped && error.code == ErrorCode::kInterrupted)) {
    return not_learned(scenario, options, error);
  }
  const std::string why = "not learned: " + error.sentence;
  if (live.strategy == kSearch) return explore_unlearned(scenario, live, many, why);
  auto explored = explore(scenario, live, nullptr);
  if (explored.ok()) explored->notes.push_back(why);
  return explored;
}

namespace {

// Who polls neither waits nor is told to give up: that it does not get in is a round without end.
std::optional<Scenario> asking_for_ever(const Scenario& scenario) {
  const auto asks = [&](std::string_view name) {
    const auto& all = scenario.invariants;
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  if (!asks("recovers") || asks("no_livelock")) return std::nullopt;
  Scenario more = scenario;
  more.invariants.emplace_back("no_livelock");
  return more;
}

// A learned program that makes something else of its pid than its digits takes the name for it;
// Linux, which gives no names, shows it.
Result<RunResult> with_pids_as_they_are(const Scenario& scenario, CheckOptions options) {
  options.stage.pids_as_they_are = true;
  return explore(scenario, options, nullptr);
}

Result<RunResult> explore(const Scenario& scenario, const CheckOptions& options,
                          SharedSearches* shared) {
  const StrategyInfo* strategy = find_strategy(options.strategy);
  if (strategy == nullptr) {
    return usage_error(ErrorCode::kUnknownName,
                       fmt::format("unknown strategy '{}'", escape(options.strategy)));
  }
  RunResult result = result_of(scenario, options.strategy);
  if (options.world == InWorld::kLive) result.world = "live";
  if (strategy->samples) result.seed = options.seed;
  auto stage = Stage::make(scenario, options.stage);
  if (!stage.ok()) return stage.error();
  result.bounds = (*stage)->bounds();
  result.notes = (*stage)->notes();
  auto judged = shared != nullptr && options.strategy == kSearch &&
                        options.world != InWorld::kLive && !options.checkpoint
                    ? shared->judge(**stage, scenario, options)
                    : judge(**stage, scenario.invariants, scenario.bounds, options);
  if (!judged.ok()) {
    const Error::Kind kind = judged.error().kind;
    const bool not_learned = options.stage.learns && kind != Error::Kind::kUsage;
    const bool resumed = options.checkpoint && kind == Error::Kind::kUsage;
    if (kind == Error::Kind::kInternal || not_learned || resumed) return judged.error();
    result.reason = Reason(judged.error());
    return result;
  }
  result.counts = judged->counts;
  result.seconds = judged->seconds;
  if (judged->broken) {
    auto shown = confirm(**stage, *judged->broken, scenario.bounds, judged_in(options));
    if (!shown.ok()) return shown.error();
    show(std::move(*shown), judged->broken->choices, **stage, result);
    result.shortest = judged->broken->shortest;
    result.round = judged->broken->round;
    if (options.world == InWorld::kLive) result.replay += " --world live";
    if (judged_in(options) == InWorld::kLive) result.on_linux.confirmed = true;
    if (options.world == InWorld::kAuto || is_covered_live(options)) {
      const auto made = make_on_linux(**stage, judged->broken->choices, result);
      if (!made.ok()) return made.error();
      if (*made == Comparison::Outcome::kDiffers && (*stage)->pids_are_names()) {
        return with_pids_as_they_are(scenario, options);
      }
      if (is_covered_live(options)) return cover_up_to(*made, **stage, *judged, options, result);
    }
    return result;
  }
  if (options.stage.learns && judged->exhausted && (*stage)->learned().goes_round) {
    if (const auto more = asking_for_ever(scenario)) return explore(*more, options, nullptr);
  }
  result.exhausted = judged->seen;
  result.reason = shortfall(*judged, options.strategy);
  // A command that is not there, say, or that lacks its configuration.
  if (result.reason.empty() && scenario.subject.command && !judged->owned) {
    result.reason = {ErrorCode::kNobodyOwned,
                     "nobody ever owned, so no promise was put to the test"};
  }
  if (result.reason.empty() && is_covered_live(options)) {
    auto reason = cover(**stage, *judged, Cover::kAnyDepth, options, result);
    if (!reason.ok()) return reason.error();
    result.reason = *reason;
  }
  if (judged->exhausted && !(*stage)->left_out().empty()) {
    result.notes.push_back(
        fmt::format("left to stress: the faults {}", fmt::join((*stage)->left_out(), ", ")));
  }
  if (!judged->how.empty()) result.notes.push_back(judged->how);
  if (!result.reason.empty()) return result;
  if (options.stage.learns && options.world == InWorld::kAuto) {
    const Comparison compared = compare_with_linux(**stage, result.notes);
    if (compared.outcome == Comparison::Outcome::kDiffers && (*stage)->pids_are_names()) {
      return with_pids_as_they_are(scenario, options);
    }
    result.reason = {code_of(compared.outcome), compared.why};
    if (!result.reason.empty()) return result;
  }
  result.verdict = Verdict::kHolds;
  if (options.mutants) check_mutants(scenario, options, result);
  return result;
}

}  // namespace

Result<RunResult> replay(const Scenario& scenario, const Schedule& schedule,
                         const StageOptions& options, InWorld world) {
  const bool simulated = scenario.subject.builtin != nullptr || world != InWorld::kLive;
  if (schedule.version > kDeathsCount) {
    return usage_error(ErrorCode::kSchedule,
                       fmt::format("version {} of schedules is not known; expected at most {}",
                                   schedule.version, kDeathsCount));
  }
  StageOptions learning = options;
  learning.learns = simulated;
  learning.pids_as_they_are = true;  // a search may have found that they are no names
  auto stage = Stage::make(scenario, learning);
  if (!stage.ok()) return stage.error();
  (*stage)->tables().states_are_seen = schedule.version == kDeathsCount;
  auto shown = evidence(**stage, scenario.invariants, scenario.bounds, schedule.choices, {},
                        simulated ? InWorld::kSim : InWorld::kLive);
  if (!shown.ok()) return shown.error();
  RunResult result = result_of(scenario, "replay");
  result.bounds = (*stage)->bounds();
  show(std::move(*shown), schedule.choices, **stage, result);
  if (result.findings.empty()) {
    result.reason = {ErrorCode::kNoProof, "this run breaks no promise; other runs might"};
  }
  if (!simulated) {
    result.world = "live";
    result.replay += " --world live";
    return result;
  }
  if (world != InWorld::kLive) return result;
  const auto made = make_on_linux(**stage, schedule.choices, result);
  if (!made.ok()) return made.error();
  if (*made == Comparison::Outcome::kSame) {
    result.world = "live";
  } else {
    result.verdict = Verdict::kInconclusive;
    result.reason = {code_of(*made), result.notes.back()};
  }
  return result;
}

}  // namespace lockproof
