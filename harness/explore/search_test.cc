// SPDX-License-Identifier: Apache-2.0
#include "explore/search.h"

#include <gtest/gtest.h>

#include "explore/graph_space.h"

namespace lockproof {
namespace {

using test::call_of;
using test::fault_on;
using test::GraphSpace;

Facts owners(Places places) {
  Facts facts;
  facts.present = facts.owns = places;
  return facts;
}
Facts waits() {
  Facts facts;
  facts.present = facts.claiming = 1;
  return facts;
}

class SearchTest : public ::testing::Test {
 protected:
  SearchResult run(const SearchLimits& limits = {},
                   const std::function<bool(const SearchProgress&)>& watch = nullptr) {
    auto result = search(space, claims, limits, watch);
    EXPECT_TRUE(result.ok());
    return *result;
  }
  // A binary tree of `count` nodes.
  void tree(std::uint32_t count) {
    for (std::uint32_t node = 1; node < count; ++node) {
      space.edge((node - 1) / 2, node, call_of(node % 2 == 0 ? 1 : 0));
    }
  }

  GraphSpace space;
  std::vector<const Claim*> claims = {find_claim("one_owner"), find_claim("recovers")};
};

TEST_F(SearchTest, SeesEveryStateOnce) {
  space.edge(0, 1).edge(0, 2).edge(1, 3).edge(2, 3).edge(3, 0);
  const SearchResult result = run();
  EXPECT_TRUE(result.exhausted);
  EXPECT_FALSE(result.breach);
  EXPECT_EQ(result.stopped, "");
  EXPECT_EQ(result.end.states, 4u);
  EXPECT_EQ(result.end.transitions, 5u);
  EXPECT_EQ(result.end.waiting, 0u);
  EXPECT_GT(result.collision_chance, 0);
}

TEST_F(SearchTest, FindsAShortestBreach) {
  space.edge(0, 1, call_of(0)).edge(1, 2, call_of(0)).edge(2, 9, call_of(0));
  space.edge(0, 3, call_of(1)).edge(3, 9, call_of(2));
  space.at(0, {.present = 7}).at(1, {.present = 7}).at(3, {.present = 7}).at(9, owners(3));
  const SearchResult result = run();
  ASSERT_TRUE(result.breach);
  EXPECT_EQ(result.breach->claim->invariant, "one_owner");
  EXPECT_EQ(result.breach->choices, (std::vector<Choice>{{1, 0}, {2, 0}}));
  EXPECT_FALSE(result.breach->at_rest);
  EXPECT_FALSE(result.exhausted);
}

TEST_F(SearchTest, OneThatIsAtRestIsAsLongAsTheWayThere) {
  space.edge(0, 1, call_of(0)).edge(1, 2, call_of(0));
  space.at(2, waits());
  const SearchResult result = run();
  ASSERT_TRUE(result.breach);
  EXPECT_EQ(result.breach->claim->invariant, "recovers");
  EXPECT_EQ(result.breach->choices.size(), 2u);
  EXPECT_TRUE(result.breach->at_rest);
}

TEST_F(SearchTest, AFaultThatIsPossibleDoesNotEndARest) {
  space.edge(0, 1, call_of(0)).edge(1, 2, fault_on(0));
  space.at(1, waits()).at(2, owners(1));
  const SearchResult result = run();
  ASSERT_TRUE(result.breach);
  EXPECT_EQ(result.breach->choices.size(), 1u);
}

TEST_F(SearchTest, AStepThatIsPossibleDoes) {
  space.edge(0, 1, call_of(0)).edge(1, 2, call_of(0));
  space.at(1, waits()).at(2, owners(1));
  EXPECT_FALSE(run().breach);
}

TEST_F(SearchTest, NoRunWithFewerStepsBreaksAnyOfTheClaims) {
  space.edge(0, 1, call_of(0)).edge(0, 2, call_of(1)).edge(1, 3, call_of(1));
  space.at(2, waits()).at(3, owners(3));
  const SearchResult result = run();
  ASSERT_TRUE(result.breach);
  EXPECT_EQ(result.breach->choices.size(), 1u) << result.breach->claim->invariant;
}

TEST_F(SearchTest, BehindABreachItDoesNotLook) {
  space.edge(0, 1).edge(0, 2).edge(1, 3).edge(3, 4);
  space.at(1, owners(3));
  EXPECT_EQ(run().end.states, 2u) << "the start, and the other one on its level";
}

TEST_F(SearchTest, TheBreachDoesNotDependOnTheOrderOfTheSteps) {
  space.edge(0, 5, call_of(0)).edge(0, 4, call_of(1));
  space.at(5, owners(3)).at(4, owners(3));
  const auto first = run().breach->choices;
  GraphSpace turned;
  turned.edge(0, 4, call_of(1)).edge(0, 5, call_of(0));
  turned.at(5, owners(3)).at(4, owners(3));
  EXPECT_EQ(search(turned, claims, {}, nullptr)->breach->choices, first);
}

TEST_F(SearchTest, ARefusalIsNotExhausted) {
  space.edge(0, 1);
  space.refuse("read 3 8: not known");
  const SearchResult result = run();
  EXPECT_FALSE(result.exhausted);
  EXPECT_EQ(result.stopped, "the model refused: read 3 8: not known");
  EXPECT_EQ(result.refusals.size(), 1u);
}

TEST_F(SearchTest, StopsAtALimitOfStatesAndSaysHowFarItGot) {
  tree(20'000);
  const SearchResult result = run({.states = 3000});
  EXPECT_FALSE(result.exhausted);
  EXPECT_GE(result.end.states, 3000u);
  EXPECT_LT(result.end.states, 6000u);
  EXPECT_EQ(result.stopped.substr(0, 13), "the limit of ");
  EXPECT_GT(result.end.waiting, 0u);
  EXPECT_GT(result.end.depth, 8u);
}

TEST_F(SearchTest, StopsAtALimitOfMemory) {
  tree(20'000);
  const SearchResult result = run({.bytes = 1});
  EXPECT_EQ(result.stopped, "the memory budget of 0 MiB was reached");
  EXPECT_LT(result.end.states, 20'000u);
}

TEST_F(SearchTest, StopsAtALimitOfTime) {
  tree(20'000);
  const SearchResult result = run({.seconds = 1e-9});
  EXPECT_EQ(result.stopped, "the time budget of 1e-09 s was reached");
  EXPECT_LT(result.end.states, 20'000u);
}

// Expands as slowly as it takes for somebody to look.
class SlowSpace final : public GraphSpace {
 public:
  Result<> expand(const State& state, std::vector<Successor>& out) override {
    Successor next;
    next.state.words[0] = state.words[0] + 1;
    next.fingerprint = print(next.state.words[0]);
    out.push_back(next);
    return Nothing{};
  }
};

TEST_F(SearchTest, CanBeInterrupted) {
  SlowSpace endless;
  std::uint64_t seen = 0;
  const auto result = search(endless, claims, {}, [&](const SearchProgress& progress) {
    seen = progress.states;
    return false;
  });
  EXPECT_EQ(result->stopped, "interrupted");
  EXPECT_FALSE(result->exhausted);
  EXPECT_GT(seen, 0u);
}

}  // namespace
}  // namespace lockproof
