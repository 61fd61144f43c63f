// SPDX-License-Identifier: Apache-2.0
#include "cli/live_view.h"

#include <gtest/gtest.h>

namespace lockproof {
namespace {

SearchProgress look(double seconds, std::uint64_t states, std::uint64_t waiting, unsigned depth) {
  SearchProgress progress;
  progress.seconds = seconds;
  progress.states = states;
  progress.waiting = waiting;
  progress.depth = depth;
  progress.bytes = std::size_t{8} << 20;
  return progress;
}

TEST(LiveViewTest, SaysHowFarItIsAndHowFast) {
  LiveView view("a/b");
  view.line(look(1, 10'000, 500, 1));
  EXPECT_EQ(view.line(look(2, 52'000, 1'500, 2)), "a/b: 52 000 states, 25 200/s, depth 2, 8 MiB");
  EXPECT_EQ(view.line(look(3, 100'500, 1'500, 2)), "a/b: 100 500 states, 33 000/s, depth 2, 8 MiB");
}

TEST(LiveViewTest, TheSpeedIsThatOfTheLastSeconds) {
  LiveView view("a/b");
  view.line(look(0, 1'000'000, 0, 1));
  for (int second = 1; second <= 10; ++second) {
    view.line(look(second, 1'000'000 + 100 * static_cast<std::uint64_t>(second), 0, 1));
  }
  EXPECT_EQ(view.line(look(11, 1'001'100, 0, 1)), "a/b: 1 001 100 states, 100/s, depth 1, 8 MiB");
}

TEST(LiveViewTest, OneLookALevelMakesTheOutlook) {
  LiveView view("a/b");
  std::uint64_t waiting = 128'000;
  for (unsigned depth = 1; depth <= 7; ++depth, waiting /= 2) {
    view.line(look(depth, 200'000 * depth + waiting, waiting, depth));
    view.line(look(depth + 0.5, 200'000 * depth + 190'000, 90'000, depth));
  }
  EXPECT_EQ(view.line(look(8, 1'600'000 + 1'000, 1'000, 8)),
            "a/b: 1 601 000 states, 200 000/s, depth 8, about 1 s left if it goes on shrinking "
            "like this, 8 MiB");
}

TEST(LiveViewTest, ANewSearchBeginsAnew) {
  LiveView view("a/b");
  for (unsigned depth = 1; depth <= 8; ++depth) {
    view.line(look(depth, 1'000 * depth, 100 * depth, depth));
  }
  EXPECT_TRUE(view.line(look(9, 9'000, 900, 9)).ends_with(", growing, 8 MiB"));
  EXPECT_EQ(view.line(look(0.1, 500, 100, 3)), "a/b: 500 states, 4 000/s, depth 3, 8 MiB");
}

TEST(LiveViewTest, NodesOfAProgramAreCounted) {
  EXPECT_EQ(LiveView("a/b").line(LearningProgress{12'345, 2}), "a/b: learning, 12 345 nodes");
}

TEST(LiveViewTest, RunsAreCounted) {
  EXPECT_EQ(LiveView("a/b").line(RunsProgress{12'345, 678'900, 2}),
            "a/b: 12 345 runs, 6 170/s, 678 900 steps");
  EXPECT_EQ(LiveView("a/b").line(RunsProgress{12'345, 678'900, 2, 4'000, 9'000}),
            "a/b: 12 345 runs, 6 170/s, 44 % of 9 000 questions");
}

}  // namespace
}  // namespace lockproof
