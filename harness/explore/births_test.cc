// SPDX-License-Identifier: Apache-2.0
#include "explore/births.h"

#include <gtest/gtest.h>

#include "explore/graph.h"
#include "explore/graph_space.h"
#include "explore/walk.h"
#include "world/choices.h"

namespace lockproof {
namespace {

using test::call_of;
using test::fault_on;
using test::GraphSpace;
using test::numbers_in;

Facts present(Places places) {
  Facts facts;
  facts.present = places;
  return facts;
}
Successor ordered(std::array<std::uint8_t, kPlaces> order) {
  Successor successor;
  successor.order = order;
  return successor;
}
constexpr std::array<std::uint8_t, kPlaces> kExchanged = {1, 0, 2, 3, 4, 5, 6, 7};

TEST(BirthsTest, NumbersFollowProcessesThatChangePlaces) {
  Births births(numbers_in(present(3)));
  EXPECT_EQ(births.named(call_of(1)), (Choice{1, 0}));
  births.follow(present(3), ordered(kExchanged), present(3));
  EXPECT_EQ(births.named(call_of(1)), (Choice{0, 0}));
  EXPECT_EQ(births.named(call_of(0)), (Choice{1, 0}));
  const std::array<std::uint8_t, kPlaces> turned = {1, 2, 0, 3, 4, 5, 6, 7};
  Births three(numbers_in(present(7)));
  three.follow(present(7), ordered(turned), present(7));
  EXPECT_EQ(three.named(call_of(0)), (Choice{1, 0}));
  EXPECT_EQ(three.named(call_of(2)), (Choice{0, 0}));
}

TEST(BirthsTest, VictimsToo) {
  Births births(numbers_in(present(3)));
  births.follow(present(3), ordered(kExchanged), present(3));
  EXPECT_EQ(births.named(fault_on(1)), (Choice{26, 0}));
  Transition go_on = fault_on(0);
  go_on.kind = Transition::Kind::kContinue;
  go_on.choice = {28, kGoOn};
  EXPECT_EQ(births.named(go_on), (Choice{28, kGoOn + 1}));
}

TEST(BirthsTest, TheClockIsNobody) {
  Births births(numbers_in(present(3)));
  births.follow(present(3), ordered(kExchanged), present(3));
  Transition clock = call_of(1);
  clock.kind = Transition::Kind::kClock;
  clock.choice = {kClockActor, 0};
  EXPECT_EQ(births.named(clock), (Choice{kClockActor, 0}));
}

TEST(BirthsTest, ChildrenAreNumberedAfterTheCastAndNumbersAreNotGivenAgain) {
  Births births(numbers_in(present(3)));
  births.follow(present(3), ordered(GraphSpace::kStay), present(7));
  EXPECT_EQ(births.named(call_of(2)), (Choice{2, 0}));
  births.follow(present(7), ordered(GraphSpace::kStay), present(3));
  births.follow(present(3), ordered(GraphSpace::kStay), present(7));
  EXPECT_EQ(births.named(call_of(2)), (Choice{3, 0})) << "another one at the same place";
}

Transition fault_of(Letter letter, std::uint16_t alternative) {
  Transition step;
  step.kind = Transition::Kind::kFault;
  step.choice = {static_cast<std::uint8_t>(letter), alternative};
  return step;
}
Choice named(const Births& births, Letter letter, std::uint16_t alternative) {
  return births.named(fault_of(letter, alternative));
}

TEST(BirthsTest, OfAnErrorTheVictimIsRenamedAndTheErrorIsNot) {
  Births births(numbers_in(present(3)));
  births.follow(present(3), ordered(kExchanged), present(3));
  EXPECT_EQ(named(births, Letter::kErrno, 3), (Choice{35, 16 + 3}));
  EXPECT_EQ(named(births, Letter::kErrno, 16 + 2), (Choice{35, 2}));
}

TEST(BirthsTest, WhatConcernsNobodyIsNotRenamed) {
  Births births(numbers_in(present(3)));
  births.follow(present(3), ordered(kExchanged), present(3));
  EXPECT_EQ(named(births, Letter::kReboot, 0), (Choice{34, 0}));
  EXPECT_EQ(named(births, Letter::kClockStep, 0), (Choice{36, 0}));
}

TEST(BirthsTest, APidIsWhoeverHadItLast) {
  Numbers first = numbers_in(present(3));
  first.of_pid[1] = 0;
  first.of_pid[2] = 1;
  Births births(first);
  EXPECT_EQ(named(births, Letter::kPidReuse, 2), (Choice{33, 1}));
  Successor born = ordered(GraphSpace::kStay);
  born.step = fault_of(Letter::kPidReuse, 2);
  born.step.born = 2;
  births.follow(present(1), born, present(3));
  EXPECT_EQ(named(births, Letter::kPidReuse, 2), (Choice{33, 2})) << "the stranger";
  EXPECT_EQ(named(births, Letter::kPidReuse, 1), (Choice{33, 0}));
}

TEST(BirthsTest, AfterARebootPidsBeginAnew) {
  Numbers first = numbers_in(present(7));
  for (std::uint8_t place = 0; place < 3; ++place) first.of_pid[place + 1u] = place;
  Births births(first);
  Successor reboot = ordered(GraphSpace::kStay);
  reboot.step = fault_of(Letter::kReboot, 0);
  births.follow(present(7), reboot, present(6));
  EXPECT_EQ(named(births, Letter::kPidReuse, 1), (Choice{33, 1})) << "B was the first to start";
  EXPECT_EQ(named(births, Letter::kPidReuse, 2), (Choice{33, 2}));
}

TEST(WalkTest, ChoicesNameProcessesByTheirBirthHoweverStatesAreTurned) {
  GraphSpace space;
  for (std::uint32_t node = 0; node < 4; ++node) space.at(node, present(3));
  space.edge(0, 9, call_of(0)).edge(0, 1, call_of(1), kExchanged);
  space.edge(1, 2, call_of(1)).edge(2, 3, fault_on(0));
  const auto choices = walk(space, {GraphSpace::print(0), GraphSpace::print(1),
                                    GraphSpace::print(2), GraphSpace::print(3)});
  ASSERT_TRUE(choices.ok());
  EXPECT_EQ(*choices, (std::vector<Choice>{{1, 0}, {0, 0}, {26, 1}}));
}

// Of a round it is known whose step each is: faults, and those of others, may lead to the same.
TEST(WalkTest, InTheRoundItTakesTheStepOfTheOneWhoIsAskedFor) {
  GraphSpace space;
  space.at(0, present(3));
  Transition clock = call_of(0);
  clock.choice = {kClockActor, 0};
  clock.kind = Transition::Kind::kClock;
  space.edge(0, 1, clock).edge(0, 1, fault_on(1)).edge(0, 1, call_of(0)).edge(0, 1, call_of(1));
  const auto step_of = [&](std::uint8_t actor) {
    const auto choices = walk(space, {GraphSpace::print(0), GraphSpace::print(1)}, {actor});
    return choices.ok() ? choices->front() : Choice{255, 0};
  };
  EXPECT_EQ(step_of(0), (Choice{0, 0}));
  EXPECT_EQ(step_of(1), (Choice{1, 0}));
  EXPECT_EQ(step_of(Graph::kClock), (Choice{kClockActor, 0}));
  EXPECT_EQ(step_of(2), (Choice{255, 0})) << "nobody took one";
}

TEST(WalkTest, TakesTheFirstStepThatLeadsThere) {
  GraphSpace space;
  space.at(0, present(3));
  space.edge(0, 1, call_of(1)).edge(0, 1, call_of(0));
  EXPECT_EQ(*walk(space, {GraphSpace::print(0), GraphSpace::print(1)}),
            (std::vector<Choice>{{1, 0}}));
  EXPECT_TRUE(walk(space, {GraphSpace::print(0)})->empty());
}

}  // namespace
}  // namespace lockproof
