// SPDX-License-Identifier: Apache-2.0
#include "check/learn.h"

#include <gtest/gtest.h>

#include "check/test_programs.h"

namespace lockproof {
namespace {

class Learn : public testing::TestWithParam<test::LockingProgram> {};

// A copy of a process, and one that was led to the same place from the beginning, do the same: all
// that a search asks of either is one tree, text for text.
TEST_P(Learn, ByCopiesAndByStartsIsTheSameTree) {
  const Scenario scenario = test::scenario_of(GetParam(), 2, {"clean_exit"});
  CheckOptions options;
  options.stage.owner = LOCKPROOF_BIN "/lockproof-owner";
  const auto copied = learn(scenario, options);
  ASSERT_TRUE(copied.ok()) << copied.error().sentence;
  options.stage.learning.by = LearningLimits::By::kStarts;
  const auto started = learn(scenario, options);
  ASSERT_TRUE(started.ok()) << started.error().sentence;
  EXPECT_EQ(copied->text, started->text);
  EXPECT_GT(copied->places, 4u);
}

INSTANTIATE_TEST_SUITE_P(Programs, Learn,
                         testing::ValuesIn(test::locking_programs(LOCKPROOF_PID_FILE)),
                         [](const auto& program) { return std::string(program.param.name); });

}  // namespace
}  // namespace lockproof
