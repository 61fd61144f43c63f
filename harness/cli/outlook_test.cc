// SPDX-License-Identifier: Apache-2.0
#include "cli/outlook.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lockproof {
namespace {

using Trend = Outlook::Trend;

std::vector<Level> levels(const std::vector<std::uint64_t>& widths, unsigned apart = 1) {
  std::vector<Level> all;
  for (const std::uint64_t width : widths) {
    all.push_back({static_cast<unsigned>(all.size()) * apart, width});
  }
  return all;
}

TEST(OutlookTest, WhoHasSeenLittleSaysNothing) {
  EXPECT_EQ(outlook({}, 1).trend, Trend::kUnknown);
  EXPECT_EQ(outlook(levels({64, 32, 16, 8, 4, 2, 1}), 1).trend, Trend::kUnknown);
  EXPECT_EQ(outlook(levels({5, 5, 5, 5, 5, 5, 5, 5}), 5).trend, Trend::kUnknown);
  EXPECT_EQ(outlook(levels({1, 2, 4, 9, 9, 4, 3, 5}), 5).trend, Trend::kUnknown)
      << "a first level is as wide as a last one";
  EXPECT_EQ(outlook(levels({9, 7, 8, 9, 5, 7, 4, 3}), 3).trend, Trend::kUnknown);
}

TEST(OutlookTest, WhatGrowsHasNoEnd) {
  EXPECT_EQ(outlook(levels({1, 2, 4, 8, 16, 32, 64, 128}), 128).trend, Trend::kGrowing);
  EXPECT_EQ(outlook(levels({1, 3, 2, 9, 1, 5, 4, 6}), 6).trend, Trend::kGrowing) << "on the whole";
  EXPECT_EQ(outlook(levels({90, 9, 1, 2, 4, 4, 16, 17, 18, 19}), 19).trend, Trend::kGrowing);
  EXPECT_EQ(outlook(levels({1, 2, 4, 8, 16, 32, 64, 128}), 128).states, 0);
}

TEST(OutlookTest, WhatShrinksIsCarriedOn) {
  const Outlook half = outlook(levels({128, 64, 32, 16, 8, 4, 2, 1}), 1);
  EXPECT_EQ(half.trend, Trend::kShrinking);
  EXPECT_DOUBLE_EQ(half.states, 2) << "1 + 1/2 + 1/4 + ...";
  const Outlook apart =
      outlook(levels({128'000, 64'000, 32'000, 16'000, 8'000, 4'000, 2'000, 1'000}, 10), 1'000);
  EXPECT_NEAR(apart.states, 1'000 / (1 - std::pow(0.5, 0.1)), 1e-6) << "ten levels for each half";
  EXPECT_EQ(outlook(levels({1, 2, 99, 90, 95, 80, 80, 70, 60, 65}), 65).trend, Trend::kShrinking)
      << "only the last levels count";
  EXPECT_EQ(outlook(levels({99, 98, 97, 96, 95, 94, 93, 92}), 92).states, 0) << "it only begins to";
  EXPECT_GT(outlook(levels({99, 98, 97, 96, 95, 94, 93, 92}), 49).states, 0);
  EXPECT_EQ(outlook(levels({8, 7, 6, 5, 4, 3, 2, 0}), 0).states, 0);
}

// A whole sum of a geometric series: the estimate is what is really left, at each level.
TEST(OutlookTest, IsRightWhereTheDecayIsEven) {
  for (const double decay : {0.8, 0.9, 0.99}) {
    std::vector<Level> seen;
    double width = 1e12;
    for (unsigned depth = 0; depth < 100; ++depth, width *= decay) {
      seen.push_back({depth, static_cast<std::uint64_t>(width)});
    }
    const double left = static_cast<double>(seen.back().waiting) / (1 - decay);
    EXPECT_NEAR(outlook(seen, seen.back().waiting).states / left, 1, 1e-2) << decay;
  }
}

TEST(OutlookTest, InWords) {
  const auto words = [](double seconds) { return in_words({Trend::kShrinking, seconds * 7}, 7); };
  EXPECT_EQ(in_words({}, 7), "");
  EXPECT_EQ(in_words({Trend::kGrowing, 0}, 7), "growing");
  EXPECT_EQ(in_words({Trend::kShrinking, 9}, 0), "shrinking");
  EXPECT_EQ(in_words({Trend::kShrinking, 0}, 7), "shrinking");
  EXPECT_EQ(words(0.01), "about 1 s left if it goes on shrinking like this");
  EXPECT_EQ(words(7.2), "about 7 s left if it goes on shrinking like this");
  EXPECT_EQ(words(44), "about 40 s left if it goes on shrinking like this");
  EXPECT_EQ(words(170), "about 3 min left if it goes on shrinking like this");
  EXPECT_EQ(words(7'000), "about 2 h left if it goes on shrinking like this");
  EXPECT_EQ(words(1e30), "about years left if it goes on shrinking like this");
}

}  // namespace
}  // namespace lockproof
