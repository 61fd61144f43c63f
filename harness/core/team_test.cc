// SPDX-License-Identifier: Apache-2.0
#include "core/team.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace lockproof {
namespace {

TEST(Team, EachMemberDoesItsPartOnAThreadOfItsOwn) {
  Team team(3);
  ASSERT_EQ(team.size(), 3u);
  std::vector<std::thread::id> ids(3);
  team.run([&](unsigned member) { ids[member] = std::this_thread::get_id(); });
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 3u);
}

// Each round reads what all members wrote in the one before: nobody is ahead of the others.
TEST(Team, GoesInStep) {
  constexpr unsigned kMembers = 4;
  constexpr int kRounds = 1000;
  Team team(kMembers);
  std::array<int, kMembers> sums{};
  std::array<int, kMembers> next{};
  for (int round = 0; round < kRounds; ++round) {
    team.run([&](unsigned member) {
      next[member] = std::accumulate(sums.begin(), sums.end(), 1) % 1009;
    });
    sums = next;
  }
  std::array<int, kMembers> alone{};
  for (int round = 0; round < kRounds; ++round) {
    alone.fill(std::accumulate(alone.begin(), alone.end(), 1) % 1009);
  }
  EXPECT_EQ(sums, alone);
}

TEST(Team, OfOneIsTheCaller) {
  Team team(1);
  int calls = 0;
  team.run([&](unsigned member) { calls += 1 + static_cast<int>(member); });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace lockproof
