// SPDX-License-Identifier: Apache-2.0
#include "explore/search.h"

#include <gtest/gtest.h>

#include <set>

#include "core/table_memory.h"
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

// With one thread, and with the states of three, of which some have none.
class SearchTest : public ::testing::TestWithParam<unsigned> {
 protected:
  SearchResult run(SearchLimits limits = {},
                   const std::function<bool(const SearchProgress&)>& watch = nullptr) {
    limits.jobs = GetParam();
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
INSTANTIATE_TEST_SUITE_P(Jobs, SearchTest, ::testing::Values(1, 3),
                         [](const auto& test) { return std::to_string(test.param) + "_jobs"; });

TEST_P(SearchTest, SeesEveryStateOnce) {
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

TEST_P(SearchTest, FindsAShortestBreach) {
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

TEST_P(SearchTest, OneThatIsAtRestIsAsLongAsTheWayThere) {
  space.edge(0, 1, call_of(0)).edge(1, 2, call_of(0));
  space.at(2, waits());
  const SearchResult result = run();
  ASSERT_TRUE(result.breach);
  EXPECT_EQ(result.breach->claim->invariant, "recovers");
  EXPECT_EQ(result.breach->choices.size(), 2u);
  EXPECT_TRUE(result.breach->at_rest);
}

TEST_P(SearchTest, AFaultThatIsPossibleDoesNotEndARest) {
  space.edge(0, 1, call_of(0)).edge(1, 2, fault_on(0));
  space.at(1, waits()).at(2, owners(1));
  const SearchResult result = run();
  ASSERT_TRUE(result.breach);
  EXPECT_EQ(result.breach->choices.size(), 1u);
}

TEST_P(SearchTest, AStepThatIsPossibleDoes) {
  space.edge(0, 1, call_of(0)).edge(1, 2, call_of(0));
  space.at(1, waits()).at(2, owners(1));
  EXPECT_FALSE(run().breach);
}

TEST_P(SearchTest, NoRunWithFewerStepsBreaksAnyOfTheClaims) {
  space.edge(0, 1, call_of(0)).edge(0, 2, call_of(1)).edge(1, 3, call_of(1));
  space.at(2, waits()).at(3, owners(3));
  const SearchResult result = run();
  ASSERT_TRUE(result.breach);
  EXPECT_EQ(result.breach->choices.size(), 1u) << result.breach->claim->invariant;
}

TEST_P(SearchTest, BehindABreachItDoesNotLook) {
  space.edge(0, 1).edge(0, 2).edge(1, 3).edge(3, 4);
  space.at(1, owners(3));
  EXPECT_EQ(run().end.states, 2u) << "the start, and the other one on its level";
}

TEST_P(SearchTest, TheBreachDoesNotDependOnTheOrderOfTheSteps) {
  space.edge(0, 5, call_of(0)).edge(0, 4, call_of(1));
  space.at(5, owners(3)).at(4, owners(3));
  const auto first = run().breach->choices;
  GraphSpace turned;
  turned.edge(0, 4, call_of(1)).edge(0, 5, call_of(0));
  turned.at(5, owners(3)).at(4, owners(3));
  EXPECT_EQ(search(turned, claims, {}, nullptr)->breach->choices, first);
}

TEST_P(SearchTest, ARefusalIsNotExhausted) {
  space.edge(0, 1);
  space.refuse("read 3 8: not known");
  const SearchResult result = run();
  EXPECT_FALSE(result.exhausted);
  EXPECT_EQ(result.stopped, "the model refused: read 3 8: not known");
  EXPECT_EQ(result.refusals.size(), 1u);
}

TEST_P(SearchTest, StopsAtALimitOfStatesAndSaysHowFarItGot) {
  tree(20'000);
  const SearchResult result = run({.states = 3000});
  EXPECT_FALSE(result.exhausted);
  EXPECT_GE(result.end.states, 3000u);
  EXPECT_LT(result.end.states, 6000u);
  EXPECT_EQ(result.stopped.substr(0, 13), "the limit of ");
  EXPECT_GT(result.end.waiting, 0u);
  EXPECT_GT(result.end.depth, 8u);
}

TEST_P(SearchTest, StopsAtALimitOfMemory) {
  tree(20'000);
  const SearchResult result = run({.bytes = 1});
  EXPECT_EQ(result.stopped, "the memory budget of 0 MiB was reached");
  EXPECT_LT(result.end.states, 20'000u);
}

TEST_P(SearchTest, StopsBeforeSomethingGrowsPastTheLimitOfMemory) {
  tree(20'000);
  const std::size_t limit = std::size_t{1} << 36;
  EXPECT_TRUE(run({.bytes = limit}).exhausted);
  space.growth = limit;
  EXPECT_EQ(run({.bytes = limit}).stopped, "the memory budget of 65536 MiB was reached");
}

TEST_P(SearchTest, StopsAtALimitOfTime) {
  tree(20'000);
  const SearchResult result = run({.seconds = 1e-9});
  EXPECT_EQ(result.stopped, "the time budget of 1e-09 s was reached");
  EXPECT_LT(result.end.states, 20'000u);
}

// Two successors of each state, without an end. Fingerprints are spread, so that a table of them is
// in memory as a whole.
class EndlessSpace final : public GraphSpace {
 public:
  Fingerprint fingerprint(const State& state) const override {
    return {state.words[0] * 0x9e3779b97f4a7c15, state.words[0]};
  }
  Result<> expand(const State& state, Places /*asleep*/, std::vector<Successor>& out) override {
    if (++expanded_ == 390'000) resident = resident_bytes();
    for (const std::uint64_t child : {1, 2}) {
      Successor next;
      next.state.words[0] = 2 * state.words[0] + child;
      next.fingerprint = fingerprint(next.state);
      out.push_back(next);
    }
    return Nothing{};
  }

  std::size_t resident = 0;  // when 780,000 states had been met

 private:
  std::size_t expanded_ = 0;
};

// A table of 2^20 places is doubled when 838,860 are taken: 8 MiB are needed at once, of which a
// limit that is 6 MiB away (and 8 until the next look) knows before.
TEST(SearchMemory, WhatTheVisitedStatesNeedAtOnceWhenTheyGrowCountsBefore) {
  const std::vector<const Claim*> claims = {find_claim("one_owner")};
  EndlessSpace first, second;
  SearchLimits limits;
  limits.jobs = 1;
  limits.states = 790'000;
  ASSERT_TRUE(search(first, claims, limits, nullptr).ok());
  ASSERT_GT(first.resident, 0u);
  limits.states = 2'000'000;
  limits.bytes = first.resident + (std::size_t{14} << 20);
  const auto result = search(second, claims, limits, nullptr);
  ASSERT_TRUE(result.ok());
  EXPECT_NE(result->stopped.find("the memory budget of "), std::string::npos) << result->stopped;
  EXPECT_LT(result->end.states, 838'860u);
  RecordProperty("states", std::to_string(result->end.states));
}

// Expands as slowly as it takes for somebody to look.
class SlowSpace final : public GraphSpace {
 public:
  Result<> expand(const State& state, Places /*asleep*/, std::vector<Successor>& out) override {
    Successor next;
    next.state.words[0] = state.words[0] + 1;
    next.fingerprint = print(next.state.words[0]);
    out.push_back(next);
    return Nothing{};
  }
};

TEST_P(SearchTest, CanBeInterrupted) {
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

// A graph as wide as threads need it to be worth their while: every node leads to some others, by
// numbers that look random, and two ways in five end in a state that was met before.
class WideSpace final : public GraphSpace {
 public:
  explicit WideSpace(std::uint32_t nodes, std::uint32_t breach) : nodes_(nodes), breach_(breach) {}

  Result<> expand(const State& state, Places /*asleep*/, std::vector<Successor>& out) override {
    if (state.words[0] % 7 == 0) learned_.insert(state.words[0]);
    add(state.words[0], out);
    return Nothing{};
  }
  bool expand_known(const State& state, Places /*asleep*/,
                    std::vector<Successor>& out) const override {
    if (state.words[0] % 7 == 0 && !learned_.contains(state.words[0])) return false;
    add(state.words[0], out);
    return true;
  }
  Facts facts(const State& state) const override {
    Facts facts;
    facts.present = 7;
    facts.owns = state.words[0] >= breach_ ? 3 : 0;
    return facts;
  }

 private:
  void add(std::uint32_t node, std::vector<Successor>& out) const {
    for (std::uint8_t place = 0; place < 3; ++place) {
      const auto next = static_cast<std::uint32_t>(
                            (std::uint64_t{node} * 3 + place * 7 + 1) * 0x9e3779b97f4a7c15u >> 40) %
                        nodes_;
      out.push_back({state(next), print(next), call_of(place), kStay});
    }
  }
  static State state(std::uint32_t node) { return GraphSpace::state(node); }

  std::uint32_t nodes_;
  std::uint32_t breach_;
  std::set<std::uint32_t> learned_;
};

SearchResult search_wide(unsigned jobs, std::uint32_t breach) {
  WideSpace space(200'000, breach);
  auto result = search(space, {find_claim("one_owner")}, {.jobs = jobs}, nullptr);
  EXPECT_TRUE(result.ok());
  return *result;
}

TEST(SearchJobs, SeeTheSameStates) {
  const SearchResult one = search_wide(1, 200'000);
  ASSERT_TRUE(one.exhausted);
  EXPECT_GT(one.end.states, 150'000u);
  for (const unsigned jobs : {2u, 3u, 5u}) {
    const SearchResult more = search_wide(jobs, 200'000);
    EXPECT_TRUE(more.exhausted);
    EXPECT_EQ(more.end.states, one.end.states);
    EXPECT_EQ(more.end.transitions, one.end.transitions);
    EXPECT_EQ(more.end.depth, one.end.depth);
  }
}

TEST(SearchJobs, FindTheSameRun) {
  const SearchResult one = search_wide(1, 199'995);
  ASSERT_TRUE(one.breach);
  EXPECT_GT(one.breach->choices.size(), 6u);
  for (const unsigned jobs : {2u, 3u, 5u}) {
    const SearchResult more = search_wide(jobs, 199'995);
    ASSERT_TRUE(more.breach);
    EXPECT_EQ(more.breach->choices, one.breach->choices);
    EXPECT_EQ(more.end.states, one.end.states);
  }
}

}  // namespace
}  // namespace lockproof
