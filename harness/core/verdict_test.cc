// SPDX-License-Identifier: Apache-2.0
#include "core/verdict.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace lockproof {
namespace {

constexpr Verdict kAll[] = {Verdict::kHolds, Verdict::kViolated, Verdict::kInconclusive,
                            Verdict::kSkipped};

Verdict worst_of(const std::vector<Verdict>& verdicts) {
  std::vector<RunResult> results(verdicts.size());
  for (std::size_t i = 0; i < verdicts.size(); ++i) results[i].verdict = verdicts[i];
  return worst(results);
}

TEST(Verdict, WorstOfSeveral) {
  using enum Verdict;
  EXPECT_EQ(worst_of({kHolds, kHolds}), kHolds);
  EXPECT_EQ(worst_of({kHolds, kSkipped}), kHolds);
  EXPECT_EQ(worst_of({kHolds, kInconclusive, kSkipped}), kInconclusive);
  EXPECT_EQ(worst_of({kInconclusive, kViolated, kHolds}), kViolated);
  EXPECT_EQ(worst_of({kSkipped, kSkipped}), kSkipped);
}

TEST(Verdict, NothingThatRanShowsNothing) { EXPECT_EQ(worst_of({}), Verdict::kInconclusive); }

TEST(Verdict, ExitCodes) {
  EXPECT_EQ(exit_code(Verdict::kHolds), 0);
  EXPECT_EQ(exit_code(Verdict::kViolated), 1);
  EXPECT_EQ(exit_code(Verdict::kInconclusive), 3);
  EXPECT_EQ(exit_code(Verdict::kSkipped), 77);
  EXPECT_EQ(kExitUsage, 2);
  EXPECT_EQ(kExitInternal, 4);
}

TEST(Verdict, Names) {
  EXPECT_EQ(name(Verdict::kHolds), "holds");
  EXPECT_EQ(name(Verdict::kViolated), "violated");
  EXPECT_EQ(name(Verdict::kInconclusive), "inconclusive");
  EXPECT_EQ(name(Verdict::kSkipped), "skipped");
  EXPECT_EQ(name(FindingClass::kSafety), "safety");
  EXPECT_EQ(name(FindingClass::kLiveness), "liveness");
  EXPECT_EQ(name(FindingClass::kDesign), "design");
}

TEST(RunResult, CountsAreFoundByName) {
  RunResult result;
  result.counts = {{"owners", 7}};
  EXPECT_EQ(count_of(result, "owners"), 7u);
  EXPECT_EQ(count_of(result, "kills"), 0u);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive) << "a result that nobody filled shows nothing";
}

RC_GTEST_PROP(Verdict, SuccessNeedsASuccessAndNoFailure, ()) {
  const auto verdicts =
      *rc::gen::container<std::vector<Verdict>>(rc::gen::elementOf(std::vector(kAll, kAll + 4)));
  const auto has = [&](Verdict verdict) {
    return std::find(verdicts.begin(), verdicts.end(), verdict) != verdicts.end();
  };
  const bool success = exit_code(worst_of(verdicts)) == 0;
  RC_ASSERT(success ==
            (has(Verdict::kHolds) && !has(Verdict::kViolated) && !has(Verdict::kInconclusive)));
}

}  // namespace
}  // namespace lockproof
