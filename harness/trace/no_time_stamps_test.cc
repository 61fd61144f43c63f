// SPDX-License-Identifier: Apache-2.0
#include "trace/no_time_stamps.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <x86intrin.h>

#include <chrono>
#include <csignal>
#include <cstdint>

namespace lockproof {
namespace {

bool may_read() {
  int state = 0;
  ::prctl(PR_GET_TSC, &state);
  return state == PR_TSC_ENABLE;
}

TEST(NoTimeStamps, IsForItsThreadAndUntilItsEnd) {
  {
    const NoTimeStamps none;
    EXPECT_FALSE(may_read());
    { const NoTimeStamps inner; }
    EXPECT_FALSE(may_read()) << "the outer one has not ended";
  }
  EXPECT_TRUE(may_read());
}

TEST(NoTimeStamps, WhoReadsTheCounterNoneTheLessIsToldTheTruth) {
  const auto begin = std::chrono::steady_clock::now();
  const std::uint64_t before = __rdtsc();
  const NoTimeStamps none;
  unsigned processor = ~0u;
  const std::uint64_t first = __rdtsc();
  const std::uint64_t second = __rdtscp(&processor);
  EXPECT_GT(first, before);
  EXPECT_GT(second, first);
  EXPECT_NE(processor, ~0u);
  EXPECT_GE(std::chrono::steady_clock::now(), begin);
  EXPECT_FALSE(may_read());
}

TEST(NoTimeStampsDeathTest, OtherFaultsAreWhatTheyWere) {
  const NoTimeStamps none;
  EXPECT_EXIT(*reinterpret_cast<volatile int*>(16) = 1, testing::KilledBySignal(SIGSEGV), "");
}

}  // namespace
}  // namespace lockproof
