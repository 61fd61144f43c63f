// SPDX-License-Identifier: Apache-2.0
// The shards of a scenario together say what one process says: the same verdict, as many states, a
// run as short.
#include "check/sharing.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "check/check.h"
#include "check/test_subjects.h"

namespace lockproof {
namespace {

class Sharing : public ::testing::Test {
 protected:
  Sharing() {
    std::string pattern = testing::TempDir() + "sharing.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Sharing() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CheckOptions options(unsigned count, unsigned index) const {
    CheckOptions options;
    options.world = InWorld::kSim;
    options.stage.kills = 1;
    if (count == 0) return options;
    const std::string folder = folder_ + "/" + std::to_string(count);
    options.shard = ShardPlace{folder, 0, index, count, 60, "it"};
    return options;
  }
  void run_all(const Scenario& scenario, unsigned count) {
    std::vector<std::jthread> shards;
    for (unsigned index = 0; index < count; ++index) {
      shards.emplace_back([&, index] {
        const auto done = search_shard(scenario, options(count, index));
        ASSERT_TRUE(done.ok()) << done.error().sentence;
        EXPECT_EQ(done->stopped, "");
      });
    }
  }
  Result<RunResult> merged(const Scenario& scenario, unsigned count) {
    CheckOptions merging = options(count, 0);
    merging.merges = true;
    return check(scenario, merging);
  }
  // With each number of shards.
  void expect_the_same(const Scenario& scenario, Verdict verdict) {
    const auto whole = check(scenario, options(0, 0));
    ASSERT_TRUE(whole.ok());
    ASSERT_EQ(whole->verdict, verdict) << whole->reason;
    for (const unsigned count : {1u, 2u, 3u, 5u, 8u, 16u}) {
      run_all(scenario, count);
      const auto all = merged(scenario, count);
      ASSERT_TRUE(all.ok()) << all.error().sentence;
      EXPECT_EQ(all->verdict, whole->verdict) << all->reason;
      EXPECT_EQ(count_of(*all, "states"), count_of(*whole, "states")) << count;
      EXPECT_EQ(all->steps, whole->steps) << count;
      EXPECT_EQ(all->reason, whole->reason);
      ASSERT_EQ(all->findings.size(), whole->findings.size());
      if (!all->findings.empty()) {
        EXPECT_EQ(all->findings[0].invariant, whole->findings[0].invariant);
      }
    }
  }

  std::string folder_;
};

TEST_F(Sharing, OfWhatHolds) {
  expect_the_same(test::scenario_of(test::kRight, 2, {"one_owner", "recovers"}), Verdict::kHolds);
}
TEST_F(Sharing, OfWhatIsViolated) {
  expect_the_same(test::scenario_of(test::kNoLock, 3), Verdict::kViolated);
}
// These are found out on the way, by some shards only: all begin again.
TEST_F(Sharing, OfPidsThatAreNumbers) {
  expect_the_same(test::scenario_of(test::kLowerGivesWay, 3), Verdict::kHolds);
}
TEST_F(Sharing, OfPidsInAChecksum) {
  expect_the_same(test::scenario_of(test::kChecksummed, 2), Verdict::kHolds);
}

TEST_F(Sharing, WhatGoesOnForEverIsAskedOfOneProcess) {
  const auto done =
      search_shard(test::scenario_of(test::kRight, 2, {"no_livelock"}), options(2, 0));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().kind, Error::Kind::kUsage);
}

TEST_F(Sharing, AFolderIsOfOneSearch) {
  const SharedSearch search{"a/b", 3, -1, "any", 8, "1"};
  ASSERT_TRUE(join_shared_search(folder_, search).ok());
  EXPECT_TRUE(join_shared_search(folder_, search).ok());
  EXPECT_EQ(*read_shared_search(folder_), search);
  SharedSearch other = search;
  other.shards = 9;
  EXPECT_EQ(join_shared_search(folder_, other).error().kind, Error::Kind::kUsage);
  std::ofstream(folder_ + "/search") << "{\"shards\": \"8\"}";
  EXPECT_EQ(read_shared_search(folder_).error().kind, Error::Kind::kUsage);
}

}  // namespace
}  // namespace lockproof
