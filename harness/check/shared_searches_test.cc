// SPDX-License-Identifier: Apache-2.0
#include "check/shared_searches.h"

#include "check/check.h"
#include "check/test_subjects.h"

namespace lockproof {
namespace {

using test::scenario_of;

class SharedSearchesTest : public ::testing::Test {
 protected:
  static Scenario named(std::string name, const Builtin& subject,
                        std::vector<std::string> invariants) {
    Scenario scenario = scenario_of(subject, 2, std::move(invariants));
    scenario.name = std::move(name);
    return scenario;
  }
  RunResult checked(const Scenario& scenario) {
    auto result = check(scenario, options, &shared);
    EXPECT_TRUE(result.ok()) << result.error().sentence;
    return *result;
  }
  static bool is_shared(const RunResult& result, const std::string& with) {
    for (const std::string& note : result.notes) {
      if (note.ends_with("; one search with " + with)) return result.seconds == 0;
    }
    return false;
  }

  SharedSearches shared;
  CheckOptions options;
};

TEST_F(SharedSearchesTest, WhatHoldsForAllIsSearchedOnce) {
  const Scenario first = named("x/first", test::kRight, {"one_owner"});
  const Scenario second = named("x/second", test::kRight, {"record_names_owner", "clean_exit"});
  for (const Scenario& scenario : {first, second}) shared.expect(scenario, options.stage);
  const RunResult searched = checked(first);
  EXPECT_EQ(searched.verdict, Verdict::kHolds) << searched.reason;
  EXPECT_FALSE(is_shared(searched, "x/first"));
  const RunResult again = checked(second);
  EXPECT_EQ(again.verdict, Verdict::kHolds) << again.reason;
  EXPECT_TRUE(is_shared(again, "x/first"));
  EXPECT_EQ(again.counts, searched.counts);
  EXPECT_EQ(again.invariants, second.invariants);
  // The same as by itself.
  const auto alone = check(second, options);
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->counts, again.counts);
}

TEST_F(SharedSearchesTest, WhereAnotherOneIsBrokenEachIsToldOfItsOwn) {
  const Scenario good = named("x/good", test::kNoLock, {"clean_exit"});
  const Scenario bad = named("x/bad", test::kNoLock, {"one_owner"});
  for (const Scenario& scenario : {good, bad}) shared.expect(scenario, options.stage);
  const RunResult holds = checked(good);
  EXPECT_EQ(holds.verdict, Verdict::kHolds) << holds.reason;
  const RunResult violated = checked(bad);
  ASSERT_EQ(violated.verdict, Verdict::kViolated);
  EXPECT_EQ(violated.findings.at(0).invariant, "one_owner");
  EXPECT_EQ(violated.steps, 2u);
}

TEST_F(SharedSearchesTest, WhatExpectsToBeViolatedSharesNothing) {
  const Scenario good = named("x/good", test::kNoLock, {"clean_exit"});
  Scenario bad = named("x/bad", test::kNoLock, {"one_owner"});
  bad.expect.verdict = Verdict::kViolated;
  for (const Scenario& scenario : {good, bad, good}) shared.expect(scenario, options.stage);
  EXPECT_EQ(checked(good).verdict, Verdict::kHolds);
  EXPECT_EQ(checked(bad).verdict, Verdict::kViolated);
  EXPECT_TRUE(is_shared(checked(good), "x/good"));
}

TEST_F(SharedSearchesTest, OtherBoundsAreSearchedAgain) {
  const Scenario first = named("x/first", test::kRight, {"one_owner"});
  Scenario killed = named("x/killed", test::kRight, {"one_owner"});
  killed.faults = {{"kill", 1}};
  for (const Scenario& scenario : {first, killed}) shared.expect(scenario, options.stage);
  const RunResult without = checked(first);
  const RunResult with = checked(killed);
  EXPECT_FALSE(is_shared(with, "x/first"));
  EXPECT_GT(count_of(with, "states"), count_of(without, "states"));
}

// A search that came to no end in its budget would not come to one for the next scenario either.
TEST_F(SharedSearchesTest, WhatCameToNoEndIsSharedToo) {
  options.limits.states = 5;
  const Scenario first = named("x/first", test::kRight, {"one_owner"});
  const Scenario second = named("x/second", test::kRight, {"clean_exit"});
  for (const Scenario& scenario : {first, second}) shared.expect(scenario, options.stage);
  const RunResult stopped = checked(first);
  const RunResult same = checked(second);
  EXPECT_EQ(same.verdict, Verdict::kInconclusive);
  EXPECT_EQ(same.reason, stopped.reason);
  EXPECT_EQ(same.counts, stopped.counts);
  EXPECT_EQ(same.seconds, 0);
}

}  // namespace
}  // namespace lockproof
