// SPDX-License-Identifier: Apache-2.0
// Every strategy of `check`, on subjects that everybody can judge by reading.
#include "check/strategies.h"

#include "check/check.h"
#include "check/test_subjects.h"

namespace lockproof {
namespace {

using test::scenario_of;

CheckOptions with(std::string_view strategy) {
  CheckOptions options;
  options.strategy = strategy;
  options.executions = 200;
  return options;
}
RunResult checked(const Scenario& scenario, const CheckOptions& options) {
  auto result = check(scenario, options);
  EXPECT_TRUE(result.ok()) << options.strategy << ": " << result.error().sentence;
  return result.ok() ? *result : RunResult{};
}

// Takes a pid file for its own only if the process in it is still the one that wrote it: it looks
// at how far that one is in dying.
void looks_at_others(Session& session) {
  session.claims();
  const int stat = session.sys().openat(AT_FDCWD, "/proc/1001/stat", O_RDONLY | O_CLOEXEC, 0);
  session.sys().close(stat);
  session.owns();
  session.hold();
  session.gives_up();
  session.released();
}
const Builtin kLooksAtOthers = {
    .name = "check/looks_at_others", .summary = "", .verbs = {{"run", looks_at_others}}};

TEST(Strategies, AllFindWhatIsBrokenAndItReplays) {
  const Scenario scenario = scenario_of(test::kNoLock, 2);
  for (const StrategyInfo& strategy : all_strategies()) {
    const RunResult result = checked(scenario, with(strategy.name));
    EXPECT_EQ(result.verdict, Verdict::kViolated) << strategy.name;
    EXPECT_EQ(result.strategy, strategy.name);
    EXPECT_EQ(result.steps, 2u) << strategy.name << ": what is not needed is left out";
    EXPECT_EQ(result.shortest, strategy.name == kSearch);
    EXPECT_EQ(result.seed, strategy.samples ? 1u : 0u);
    const auto schedule = decode(result.replay.substr(std::string("lockproof replay ").size()));
    ASSERT_TRUE(schedule.ok()) << result.replay;
    const auto again = replay(scenario, *schedule, {});
    ASSERT_TRUE(again.ok()) << again.error().sentence;
    EXPECT_EQ(again->history.events, result.history.events) << strategy.name;
  }
}

TEST(Strategies, OnlyThoseThatExhaustCanHold) {
  Scenario scenario = scenario_of(test::kRight, 2, {"one_owner", "clean_exit"});
  for (const StrategyInfo& strategy : all_strategies()) {
    const RunResult result = checked(scenario, with(strategy.name));
    if (strategy.samples) {
      EXPECT_EQ(result.verdict, Verdict::kInconclusive) << strategy.name;
      EXPECT_EQ(result.reason, "200 runs that were drawn broke nothing; others might");
      EXPECT_EQ(result.exhausted, "");
      EXPECT_EQ(count_of(result, "executions"), 200u);
    } else {
      EXPECT_EQ(result.verdict, Verdict::kHolds) << strategy.name << ": " << result.reason;
      EXPECT_NE(result.exhausted.find("any number of retries"), std::string::npos);
    }
  }
}

TEST(Strategies, MutantsAreExploredTheSameWay) {
  Scenario scenario = scenario_of(test::kRight, 2);
  scenario.mutants = {{"canary/no_lock", "one_owner"}};
  for (const char* const strategy : {"dfs", "dpor", "optimal"}) {
    const RunResult result = checked(scenario, with(strategy));
    EXPECT_EQ(result.verdict, Verdict::kHolds) << result.reason;
    ASSERT_EQ(result.mutants.size(), 1u);
    EXPECT_TRUE(result.mutants[0].caught) << strategy;
  }
}

TEST(Strategies, ASeedGivesTheSameRuns) {
  const Scenario scenario = scenario_of(test::kRight, 3);
  CheckOptions options = with("random");
  const auto transitions = [&] { return count_of(checked(scenario, options), "transitions"); };
  const std::uint64_t first = transitions();
  EXPECT_EQ(transitions(), first);
  options.seed = 2;
  EXPECT_NE(transitions(), first);
}

TEST(Strategies, TheReducedOnesSayWhichPromiseTheyCannotJudge) {
  const Scenario scenario = scenario_of(test::kRight, 2, {"one_owner", "recovers"});
  for (const std::string strategy : {"dpor", "optimal"}) {
    const RunResult result = checked(scenario, with(strategy));
    EXPECT_EQ(result.verdict, Verdict::kInconclusive);
    EXPECT_EQ(result.reason, "not judged by " + strategy + ": recovers");
  }
  EXPECT_EQ(checked(scenario, with("dfs")).verdict, Verdict::kHolds);
}

TEST(Strategies, TheEndOfAReductionThatMayLoseAnOrderIsNoProof) {
  const Scenario late = scenario_of(test::kRight, 2, {"one_owner", "no_lock_leak"});
  const RunResult optimal = checked(late, with("optimal"));
  EXPECT_EQ(optimal.verdict, Verdict::kInconclusive);
  EXPECT_EQ(optimal.reason,
            "'optimal' may leave out an order where a late process takes part; 'dpor' does not");
  EXPECT_EQ(checked(late, with("dpor")).verdict, Verdict::kHolds);
  const Scenario scenario = scenario_of(test::kRight, 2);
  CheckOptions ordered = with("dpor");
  ordered.stage.time = TimeMode::kOrdered;
  const RunResult dpor = checked(scenario, ordered);
  EXPECT_EQ(dpor.verdict, Verdict::kInconclusive);
  EXPECT_EQ(dpor.reason, "'dpor' may leave out an order where time is ordered; 'optimal' does not");
  ordered.strategy = "optimal";
  EXPECT_EQ(checked(scenario, ordered).verdict, Verdict::kHolds);
}

TEST(Strategies, WhatReductionCostsIsCounted) {
  const Scenario scenario = scenario_of(test::kRight, 3);
  const RunResult dpor = checked(scenario, with("dpor"));
  const RunResult optimal = checked(scenario, with("optimal"));
  EXPECT_EQ(count_of(optimal, "executions"), count_of(dpor, "executions"));
  EXPECT_GT(count_of(dpor, "in vain"), 0u);
  EXPECT_EQ(count_of(optimal, "in vain"), 0u);
  EXPECT_GT(count_of(optimal, "looked ahead"), 0u);
}

// Waits for a lock that it holds itself.
void locks_itself_out(Session& session) {
  session.claims();
  session.sys().flock(test::open_file(session, "pid"), LOCK_EX);
  session.sys().flock(test::open_file(session, "pid"), LOCK_EX);
  session.owns();
}
const Builtin kLocksItselfOut = {
    .name = "check/locks_itself_out", .summary = "", .verbs = {{"run", locks_itself_out}}};

TEST(Strategies, WhatIsBrokenOnlyAtRestIsFoundToo) {
  const Scenario scenario = scenario_of(kLocksItselfOut, 1, {"recovers"});
  for (const char* const strategy : {"search", "dfs", "random", "urw", "pct"}) {
    const RunResult result = checked(scenario, with(strategy));
    EXPECT_EQ(result.verdict, Verdict::kViolated) << strategy << ": " << result.reason;
    const auto schedule = decode(result.replay.substr(std::string("lockproof replay ").size()));
    EXPECT_EQ(replay(scenario, *schedule, {})->verdict, Verdict::kViolated) << strategy;
  }
}

TEST(Strategies, ABudgetAndAWatcherEndThem) {
  Scenario scenario = scenario_of(test::kRight, 6);
  scenario.faults = {{"kill", 6}};
  CheckOptions options = with("dfs");
  options.limits.seconds = 1e-9;
  EXPECT_EQ(checked(scenario, options).reason, "the time budget of 1e-09 s was reached");
  options.limits.seconds = 0;
  std::uint64_t seen = 0;
  options.watch_runs = [&](const RunsProgress& progress) {
    seen = progress.executions;
    return false;
  };
  const RunResult result = checked(scenario, options);
  EXPECT_EQ(result.reason, "interrupted");
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_GT(seen, 0u);
}

TEST(Strategies, WhereDeathsAreSeenAScheduleSaysSo) {
  const Scenario scenario = scenario_of(kLooksAtOthers, 2);
  for (const StrategyInfo& strategy : all_strategies()) {
    const RunResult result = checked(scenario, with(strategy.name));
    ASSERT_EQ(result.verdict, Verdict::kViolated) << strategy.name;
    EXPECT_NE(result.replay.find("@v2:"), std::string::npos) << result.replay;
    const auto schedule = decode(result.replay.substr(std::string("lockproof replay ").size()));
    EXPECT_EQ(replay(scenario, *schedule, {})->history.events, result.history.events);
  }
  const auto later = replay(scenario, {scenario.name, 3, {{0, 0}}}, {});
  ASSERT_FALSE(later.ok());
  EXPECT_EQ(later.error().kind, Error::Kind::kUsage);
}

TEST(Strategies, AnUnknownOneIsAnErrorOfUse) {
  const auto result = check(scenario_of(test::kRight, 2), with("guess"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::kUsage);
  EXPECT_EQ(result.error().sentence, "unknown strategy 'guess'");
}

}  // namespace
}  // namespace lockproof
