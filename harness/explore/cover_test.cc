// SPDX-License-Identifier: Apache-2.0
#include "explore/cover.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/random.h"
#include "explore/graph_space.h"

namespace lockproof {
namespace {

using test::GraphSpace;

using Way = std::vector<std::uint32_t>;  // of nodes

bool never() { return false; }

std::uint32_t node_of(const State& state) { return state.words[0]; }

// All runs, each as the nodes that it goes through.
std::vector<Way> runs_of(GraphSpace& space, unsigned depth = Cover::kAnyDepth) {
  Cover cover(space);
  const auto learned = cover.learn(depth, never);
  EXPECT_TRUE(learned.ok() && *learned);
  std::vector<Way> runs;
  while (cover.asked() < cover.questions()) {
    EXPECT_TRUE(cover.begin().ok());
    EXPECT_TRUE(cover.goes_on());
    runs.push_back({node_of(cover.state())});
    while (cover.goes_on()) {
      EXPECT_TRUE(cover.take(cover.next()).ok());
      runs.back().push_back(node_of(cover.state()));
    }
  }
  return runs;
}

TEST(CoverTest, WhatIsNewIsTakenFirst) {
  GraphSpace space;
  space.edge(0, 1).edge(0, 2).edge(1, 3).edge(2, 3).edge(3, 4);
  EXPECT_EQ(runs_of(space), (std::vector<Way>{{0, 1, 3, 4}, {0, 2, 3}}));
}

TEST(CoverTest, AStepThatLeadsToMoreIsTakenBeforeOneThatEndsTheRun) {
  GraphSpace space;
  space.edge(0, 1).edge(0, 2).edge(2, 0);
  EXPECT_EQ(runs_of(space), (std::vector<Way>{{0, 2, 0, 1}}));
}

TEST(CoverTest, ARunGoesRoundUntilAllOfALoopIsTaken) {
  GraphSpace space;
  space.edge(0, 1).edge(1, 2).edge(2, 3).edge(3, 1).edge(3, 2).edge(1, 1).edge(2, 4);
  const auto runs = runs_of(space);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].back(), 4u);
}

TEST(CoverTest, WhatLiesBehindALoopIsLookedForInIt) {
  GraphSpace space;
  space.edge(0, 1).edge(1, 2).edge(2, 1).edge(1, 3).edge(2, 4).edge(3, 5);
  const auto runs = runs_of(space);
  EXPECT_EQ(runs.size(), 2u);
}

TEST(CoverTest, StatesThatAreTooDeepAreLeftAsTheyAre) {
  GraphSpace space;
  space.edge(0, 1).edge(1, 2).edge(0, 3).edge(3, 2).edge(2, 0);
  Cover cover(space);
  const auto learned = cover.learn(1, never);
  ASSERT_TRUE(learned.ok() && *learned);
  EXPECT_EQ(cover.states(), 3u);
  EXPECT_EQ(cover.steps(), 2u);
  EXPECT_EQ(runs_of(space, 1), (std::vector<Way>{{0, 1}, {0, 3}}));
  ASSERT_TRUE(cover.begin().ok());
  EXPECT_TRUE(cover.is_expanded());
  ASSERT_TRUE(cover.take(0).ok());
  EXPECT_FALSE(cover.is_expanded());
  EXPECT_TRUE(cover.successors().empty());
}

TEST(CoverTest, ASpaceWithoutStepsHasNoRun) {
  GraphSpace space;
  Cover cover(space);
  const auto learned = cover.learn(Cover::kAnyDepth, never);
  ASSERT_TRUE(learned.ok() && *learned);
  ASSERT_TRUE(cover.begin().ok());
  EXPECT_EQ(cover.states(), 1u);
  EXPECT_FALSE(cover.goes_on());
}

// From 0 a call leads to 1 and a kill to 2; the same kill leads from 1 to 3, as the call from 2
// does.
class SleepySpace : public GraphSpace {
 public:
  Result<> expand(const State& state, Places asleep, std::vector<Successor>& out) override {
    expand_known(state, asleep, out);
    return Nothing{};
  }
  bool expand_known(const State& state, Places asleep, std::vector<Successor>& out) const override {
    if (node_of(state) == 1 && asleep != 0) return true;
    const std::size_t first = out.size();
    for (const std::uint32_t to : edges_of(node_of(state))) {
      out.push_back({GraphSpace::state(to), print(to), {}, kStay, 0});
    }
    if (node_of(state) == 0) out[first].asleep = 1;
    return true;
  }

 private:
  static std::vector<std::uint32_t> edges_of(std::uint32_t node) {
    if (node == 0) return {1, 2};
    return node == 3 ? std::vector<std::uint32_t>{} : std::vector<std::uint32_t>{3};
  }
};

TEST(CoverTest, AKillThatSleepsIsNoStepButCanBeChosen) {
  SleepySpace space;
  EXPECT_EQ(runs_of(space), (std::vector<Way>{{0, 2, 3}, {0, 1}}));
  Cover cover(space);
  ASSERT_TRUE(cover.learn(Cover::kAnyDepth, never).ok());
  ASSERT_TRUE(cover.begin().ok());
  ASSERT_TRUE(cover.take(0).ok());
  std::vector<Successor> all;
  ASSERT_TRUE(cover.everything(all).ok());
  EXPECT_EQ(all.size(), 1u);
}

TEST(CoverTest, AStateIsNewOnce) {
  GraphSpace space;
  space.edge(0, 1).edge(0, 2);
  Cover cover(space);
  ASSERT_TRUE(cover.learn(Cover::kAnyDepth, never).ok());
  std::vector<bool> fresh;
  for (int run = 0; run < 2; ++run) {
    ASSERT_TRUE(cover.begin().ok());
    fresh.push_back(cover.is_new());
    ASSERT_TRUE(cover.take(cover.next()).ok());
    fresh.push_back(cover.is_new());
  }
  EXPECT_EQ(fresh, (std::vector<bool>{true, true, false, true}));
}

TEST(CoverTest, WhoStopsItIsHeard) {
  GraphSpace space;
  space.edge(0, 1);
  Cover cover(space);
  const auto learned = cover.learn(Cover::kAnyDepth, [] { return true; });
  ASSERT_TRUE(learned.ok());
  EXPECT_FALSE(*learned);
}

TEST(CoverTest, WhatWasAskedIsNotAskedAgain) {
  GraphSpace space;
  space.edge(0, 1).edge(0, 2).edge(1, 3).edge(2, 4);
  space.asks(1, 3, 7, 8).asks(2, 4, 7, 8);
  EXPECT_EQ(runs_of(space), (std::vector<Way>{{0, 1, 3}, {0, 2}}));
}

TEST(CoverTest, OneOfTwoQuestionsIsEnoughToMakeAStepNew) {
  GraphSpace space;
  space.edge(0, 1).edge(0, 2).edge(1, 3).edge(2, 4).edge(3, 5).edge(4, 6);
  space.asks(1, 3, 7, 8).asks(2, 4, 7, 9).asks(3, 5, 7, 9).asks(4, 6, 6, 8);
  EXPECT_EQ(runs_of(space), (std::vector<Way>{{0, 1, 3, 5}, {0, 2, 4, 6}}));
}

// Every run follows steps of the graph from its first node, ends where nothing new is ahead, and
// takes something new.
TEST(CoverTest, OfAnyGraphEveryStepIsTaken) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::uint32_t nodes = 1 + random.below(12);
    const std::uint32_t edges = random.below(30);
    GraphSpace space;
    std::set<std::pair<std::uint32_t, std::uint32_t>> all;
    for (std::uint32_t i = 0; i < edges; ++i) {
      const std::uint32_t from = random.below(nodes);
      const std::uint32_t to = random.below(nodes);
      if (all.emplace(from, to).second) space.edge(from, to);
    }
    std::set<std::uint32_t> reached = {0};
    for (std::size_t size = 0; size != reached.size();) {
      size = reached.size();
      for (const auto& [from, to] : all) {
        if (reached.contains(from)) reached.insert(to);
      }
    }
    std::erase_if(all, [&](const auto& edge) { return !reached.contains(edge.first); });
    std::set<std::pair<std::uint32_t, std::uint32_t>> taken;
    for (const Way& run : runs_of(space)) {
      EXPECT_EQ(run.front(), 0u);
      const std::size_t before = taken.size();
      for (std::size_t i = 1; i < run.size(); ++i) taken.emplace(run[i - 1], run[i]);
      EXPECT_GT(taken.size(), before) << "seed " << seed;
    }
    EXPECT_EQ(taken, all) << "seed " << seed;
  }
}

// The same of questions that many steps ask.
TEST(CoverTest, OfAnyGraphEachQuestionIsAsked) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Random random(seed);
    const std::uint32_t nodes = 1 + random.below(12);
    GraphSpace space;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::set<std::uint64_t>> asked_by;
    for (std::uint32_t i = random.below(40); i > 0; --i) {
      const std::pair edge(random.below(nodes), random.below(nodes));
      const std::uint64_t kernel = 1 + random.below(8);
      const std::uint64_t program = 101 + random.below(3);
      if (!asked_by.try_emplace(edge, std::set{kernel, program}).second) continue;
      space.edge(edge.first, edge.second).asks(edge.first, edge.second, kernel, program);
    }
    Cover whole(space);
    ASSERT_TRUE(*whole.learn(Cover::kAnyDepth, never));
    std::set<std::uint64_t> asked;
    for (const Way& run : runs_of(space)) {
      const std::size_t before = asked.size();
      for (std::size_t i = 1; i < run.size(); ++i)
        asked.merge(std::set(asked_by[{run[i - 1], run[i]}]));
      EXPECT_GT(asked.size(), before) << "seed " << seed;
    }
    EXPECT_EQ(asked.size(), whole.questions()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace lockproof
