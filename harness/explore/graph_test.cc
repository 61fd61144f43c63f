// SPDX-License-Identifier: Apache-2.0
#include "explore/graph.h"

#include <gtest/gtest.h>

#include "explore/graph_space.h"
#include "explore/search.h"

namespace lockproof {
namespace {

using test::call_of;
using test::fault_on;
using test::GraphSpace;

Facts claiming(Places places = 1) {
  Facts facts;
  facts.present = facts.alive = 3;
  facts.claiming = places;
  return facts;
}
Facts owned() {
  Facts facts = claiming();
  facts.owns = 2;
  return facts;
}
Transition pause_of(std::uint8_t place) {
  Transition step = call_of(place);
  step.pauses = true;
  return step;
}

class ForEverTest : public ::testing::Test {
 protected:
  // The invariant that is broken, and by which choices; "": none is.
  std::string broken(std::size_t round) {
    const auto result = search(
        space,
        {find_claim("no_livelock"), find_claim("no_hot_spin"), find_claim("parent_death_noticed")},
        {}, {});
    EXPECT_TRUE(result.ok());
    if (!result->breach) {
      EXPECT_TRUE(result->exhausted) << result->stopped;
      return "";
    }
    EXPECT_FALSE(result->exhausted);
    EXPECT_EQ(result->breach->round, round);
    std::string text(result->breach->claim->invariant);
    for (const Choice choice : result->breach->choices) text += " " + std::to_string(choice.actor);
    return text;
  }
  void claim_at(std::initializer_list<std::uint32_t> nodes) {
    for (const std::uint32_t node : nodes) space.at(node, claiming());
  }

  GraphSpace space;
};

TEST_F(ForEverTest, TwoThatKeepEachOtherOutAreALivelock) {
  space.edge(0, 1, call_of(0))
      .edge(1, 2, call_of(0))
      .edge(2, 3, pause_of(1))
      .edge(3, 1, call_of(1));
  claim_at({0, 1, 2, 3});
  EXPECT_EQ(broken(3), "no_livelock 0 0 1 1");
}

TEST_F(ForEverTest, WhereSomebodyOwnsOnTheWayItIsNone) {
  space.edge(0, 1, call_of(0)).edge(1, 2, call_of(1)).edge(2, 0, pause_of(0));
  claim_at({0, 1});
  space.at(2, owned());
  EXPECT_EQ(broken(0), "");
}

TEST_F(ForEverTest, WhereNobodyClaimsItIsNone) {
  space.edge(0, 1, pause_of(0)).edge(1, 0, pause_of(1));
  EXPECT_EQ(broken(0), "");
}

// 0 goes round; 1 could get in from every state of it.
TEST_F(ForEverTest, WhoIsKeptFromAStepAllTheTimeMakesItUnfair) {
  space.edge(0, 1, pause_of(0)).edge(1, 0, pause_of(0));
  space.edge(0, 2, call_of(1)).edge(1, 2, call_of(1));
  claim_at({0, 1});
  space.at(2, owned());
  EXPECT_EQ(broken(0), "");
}

TEST_F(ForEverTest, WhoCanStepOnlySometimesMayMissItForEver) {
  space.edge(0, 1, pause_of(0)).edge(1, 0, pause_of(0));
  space.edge(0, 2, call_of(1));
  claim_at({0, 1});
  space.at(2, owned());
  EXPECT_EQ(broken(2), "no_livelock 0 0");
}

TEST_F(ForEverTest, AFaultIsNoPartOfARoundAndNoDuty) {
  space.edge(0, 1, pause_of(0)).edge(1, 0, fault_on(0));
  claim_at({0});
  EXPECT_EQ(broken(0), "");
  space.edge(1, 0, pause_of(0));
  EXPECT_EQ(broken(2), "no_livelock 0 0");
}

TEST_F(ForEverTest, ARestWithAClaimIsOne) {
  space.edge(0, 1, call_of(0));
  claim_at({0, 1});
  EXPECT_EQ(broken(0), "no_livelock 0");
}

TEST_F(ForEverTest, TheRoundHasAStepOfEveryoneWhoTakesOne) {
  space.edge(0, 0, pause_of(1)).edge(0, 1, pause_of(0)).edge(1, 0, pause_of(0));
  claim_at({0, 1});
  EXPECT_EQ(broken(3), "no_livelock 0 0 1");
}

TEST_F(ForEverTest, WhoDependsOnADeadParentMayNotGoOnForEver) {
  const auto orphan_at = [&](std::initializer_list<std::uint32_t> nodes) {
    for (const std::uint32_t node : nodes) space.at(node, {.present = 3, .alive = 3, .orphans = 2});
  };
  space.edge(0, 1, call_of(0)).edge(1, 2, pause_of(1)).edge(2, 1, pause_of(1));
  EXPECT_EQ(broken(0), "");
  orphan_at({1});
  EXPECT_EQ(broken(0), "") << "in a part of the round only";
  orphan_at({1, 2});
  EXPECT_EQ(broken(2), "parent_death_noticed 0 1 1");
  space.edge(1, 3, pause_of(0)).edge(2, 3, pause_of(0));
  EXPECT_EQ(broken(0), "") << "the other one has to go on, and ends it";
}

TEST_F(ForEverTest, AnOrphanIsTheSameAllTheWhileAndNoFaultKeepsItUp) {
  const auto orphans_at = [&](std::uint32_t node, Places orphans) {
    space.at(node, {.present = 3, .alive = 3, .orphans = orphans});
  };
  space.edge(0, 1, pause_of(0)).edge(1, 0, pause_of(0));
  orphans_at(0, 1);
  orphans_at(1, 2);
  EXPECT_EQ(broken(0), "") << "now one, now the other";
  orphans_at(1, 3);
  EXPECT_EQ(broken(2), "parent_death_noticed 0 0");
  space = {};
  space.edge(0, 1, pause_of(0)).edge(1, 0, fault_on(0)).edge(1, 2, pause_of(0));
  for (const std::uint32_t node : {0, 1}) orphans_at(node, 1);
  EXPECT_EQ(broken(0), "") << "only a fault leads back";
}

TEST_F(ForEverTest, CallsOfOneWithoutAPauseAreAHotSpin) {
  space.edge(0, 1, call_of(1)).edge(1, 2, call_of(0)).edge(2, 1, call_of(0));
  for (const std::uint32_t node : {0, 1, 2}) space.at(node, owned());
  EXPECT_EQ(broken(2), "no_hot_spin 1 0 0");
}

TEST_F(ForEverTest, APauseOrTheStepOfAnotherOneMakesItNone) {
  space.edge(0, 1, call_of(0)).edge(1, 0, pause_of(0));
  space.edge(0, 2, call_of(0)).edge(2, 0, call_of(1));
  for (const std::uint32_t node : {0, 1, 2}) space.at(node, owned());
  EXPECT_EQ(broken(0), "");
}

// Both spin in the same state, by steps that look alike: the run must be of one of them.
TEST_F(ForEverTest, TheRoundIsOfTheProcessThatSpins) {
  space.edge(0, 1, pause_of(0)).edge(0, 1, call_of(1));
  space.edge(1, 0, pause_of(0)).edge(1, 0, call_of(1));
  for (const std::uint32_t node : {0, 1}) space.at(node, owned());
  EXPECT_EQ(broken(2), "no_hot_spin 1 1");
}

TEST_F(ForEverTest, TheNearestRoundIsReported) {
  space.edge(0, 1, pause_of(0)).edge(1, 2, pause_of(0)).edge(2, 2, pause_of(0));
  space.edge(0, 3, pause_of(1)).edge(3, 3, pause_of(1));
  claim_at({0, 1, 2, 3});
  EXPECT_EQ(broken(1), "no_livelock 1 1");
}

}  // namespace
}  // namespace lockproof
