// SPDX-License-Identifier: Apache-2.0
#include "explore/wakeup_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace lockproof {
namespace {

// Step number `index` of `actor`, which writes some variables, by bit, and reads others.
KnownStep step(Actor actor, std::uint16_t index, unsigned writes, unsigned reads = 0) {
  KnownStep step{{actor, index}, actor, false, {}};
  for (unsigned variable = 0; variable < 8; ++variable) {
    if ((writes >> variable & 1u) != 0) step.footprint.writes(Cell::kContent, variable);
    if ((reads >> variable & 1u) != 0) step.footprint.reads(Cell::kContent, variable);
  }
  return step;
}

constexpr unsigned kX = 1, kY = 2;
constexpr Actor kP = 0, kQ = 1, kR = 2;

KnownStep optional(KnownStep step) {
  step.optional = true;
  return step;
}

std::string text(const KnownStep& step) {
  return std::string(1, static_cast<char>('p' + step.actor)) +
         std::to_string(step.choice.alternative);
}

// "p0(q0 q1)r0": two branches below p0, and one beside it.
std::string text(const WakeupTree& tree) {
  std::string all;
  for (const WakeupTree::Branch& branch : tree.branches()) {
    if (!all.empty()) all += ' ';
    all += text(branch.first);
    if (!branch.rest.empty()) all += "(" + text(branch.rest) + ")";
  }
  return all;
}

TEST(WeakInitials, AreWhatComesFirstOrDependsOnNothing) {
  const KnownStep p = step(kP, 0, kX), q = step(kQ, 0, kX), r = step(kR, 0, kY);
  EXPECT_TRUE(may_come_first(p, {p, q}));
  EXPECT_FALSE(may_come_first(q, {p, q})) << "p comes before it in any order";
  EXPECT_TRUE(may_come_first(r, {p, r})) << "it comes later, but for no reason";
  EXPECT_TRUE(may_come_first(r, {p, q})) << "it is not there, and has to come sooner or later";
  EXPECT_FALSE(may_come_first(q, {p})) << "it is not there, and p comes before it";
  EXPECT_TRUE(may_come_first(q, {}));
}

TEST(WeakInitials, AreNotWhatTheSameActorDoesInstead) {
  EXPECT_FALSE(may_come_first(step(kP, 1, kX), {step(kP, 0, kX)}));
  EXPECT_FALSE(may_come_first(step(kP, 1, kX), {step(kQ, 0, kY), step(kP, 0, kX)}));
}

TEST(WeakInitials, AreNoFaultsButThoseThatCome) {
  const KnownStep kill = optional(step(kP, 7, kX)), q = step(kQ, 0, kY);
  EXPECT_FALSE(may_come_first(kill, {q})) << "a run may come to its end without it";
  EXPECT_FALSE(may_come_first(kill, {}));
  EXPECT_TRUE(may_come_first(kill, {q, kill}));
}

TEST(WakeupTree, HasOneBranchForTheOrdersOfIndependentSteps) {
  const KnownStep p = step(kP, 0, kX), q = step(kQ, 0, kX), r = step(kR, 0, kY);
  WakeupTree tree;
  EXPECT_TRUE(tree.insert({p, r, q}));
  for (const Sequence& same : {Sequence{p, r, q}, {r, p, q}, {p, q, r}, {p, q}, {r}}) {
    EXPECT_TRUE(tree.covers(same));
    EXPECT_FALSE(tree.insert(same));
  }
  EXPECT_EQ(text(tree), "p0(r0(q0))");
}

TEST(WakeupTree, SharesTheBeginningsAndKeepsTheOrder) {
  const KnownStep p = step(kP, 0, kX), q = step(kQ, 0, kX), r = step(kR, 0, kX);
  WakeupTree tree;
  EXPECT_TRUE(tree.insert({p, q, r}));
  EXPECT_FALSE(tree.covers({p, r}));
  EXPECT_TRUE(tree.insert({p, r}));
  EXPECT_TRUE(tree.insert({q}));
  EXPECT_EQ(text(tree), "p0(q0(r0) r0) q0");
  const WakeupTree::Branch first = tree.take_first();
  EXPECT_EQ(text(first.first), "p0");
  EXPECT_EQ(text(first.rest), "q0(r0) r0");
  EXPECT_EQ(text(tree), "q0");
}

// After a leaf any step may come: whatever begins like it is explored.
TEST(WakeupTree, DoesNotGrowBelowALeaf) {
  const KnownStep p = step(kP, 0, kX), q = step(kQ, 0, kX), r = step(kR, 0, kX);
  WakeupTree tree;
  tree.insert({p});
  EXPECT_TRUE(tree.covers({p, q, r}));
  EXPECT_FALSE(tree.insert({p, q, r}));
  EXPECT_EQ(text(tree), "p0");
}

// Figure of the paper's section on wakeup trees: what is inserted goes down by steps that it does
// not have, where nothing of it depends on them.
TEST(WakeupTree, GoesDownByStepsThatDoNotMatter) {
  const KnownStep p = step(kP, 0, 0, kX), q = step(kQ, 0, kY), r = step(kR, 0, kY);
  WakeupTree tree;
  tree.insert({p, q});
  EXPECT_TRUE(tree.insert({r, q})) << "q comes before r in the tree, and they are dependent";
  EXPECT_EQ(text(tree), "p0(q0 r0(q0))") << "p goes with both";
}

TEST(WakeupTree, WhatAFaultLeavesOutIsABranchOfItsOwn) {
  const KnownStep kill = optional(step(kP, 7, kX)), q = step(kQ, 0, kY);
  WakeupTree tree;
  tree.insert({kill});
  EXPECT_TRUE(tree.insert({q}));
  EXPECT_EQ(text(tree), "p7 q0");
}

// Straight-line programs: what step `index` of an actor touches is always the same.
KnownStep of_program(const std::vector<std::vector<std::uint8_t>>& programs, Actor actor,
                     std::uint16_t index) {
  const unsigned touched = programs[actor][index];
  return step(actor, index, touched & 3u, touched >> 2 & 3u);
}

void expect_no_redundant_branch(const WakeupTree& tree) {
  const auto expect_of_all = [](const auto& self, const KnownStep& earlier, const WakeupTree& rest,
                                Sequence& path) -> void {
    for (const WakeupTree::Branch& branch : rest.branches()) {
      path.push_back(branch.first);
      if (branch.rest.empty()) RC_ASSERT_FALSE(may_come_first(earlier, path));
      self(self, earlier, branch.rest, path);
      path.pop_back();
    }
  };
  for (std::size_t i = 0; i < tree.branches().size(); ++i) {
    expect_no_redundant_branch(tree.branches()[i].rest);
    for (std::size_t later = i + 1; later < tree.branches().size(); ++later) {
      const WakeupTree::Branch& branch = tree.branches()[later];
      Sequence path{branch.first};
      if (branch.rest.empty()) RC_ASSERT_FALSE(may_come_first(tree.branches()[i].first, path));
      expect_of_all(expect_of_all, tree.branches()[i].first, branch.rest, path);
    }
  }
}

// The second property of a wakeup tree: who comes first in an earlier branch is no weak initial of
// a later one. And nothing that was inserted gets lost.
TEST(WakeupTree, NeverHasABranchThatAnEarlierOneCovers) {
  EXPECT_TRUE(rc::check([] {
    const auto programs = *rc::gen::container<std::vector<std::vector<std::uint8_t>>>(
        3, rc::gen::container<std::vector<std::uint8_t>>(2, rc::gen::inRange<std::uint8_t>(0, 16)));
    const auto schedules = *rc::gen::container<std::vector<std::vector<std::uint8_t>>>(
        rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 3)));
    WakeupTree tree;
    std::vector<Sequence> inserted;
    for (const auto& schedule : schedules) {
      Sequence sequence;
      std::uint16_t next[3] = {};
      for (const Actor actor : schedule) {
        if (next[actor] < 2) sequence.push_back(of_program(programs, actor, next[actor]++));
      }
      const bool known = tree.covers(sequence);
      RC_ASSERT(tree.insert(sequence) == !known);
      inserted.push_back(std::move(sequence));
    }
    for (const Sequence& sequence : inserted) RC_ASSERT(tree.covers(sequence));
    RC_CLASSIFY(tree.branches().size() > 1, "several branches");
    expect_no_redundant_branch(tree);
  }));
}

}  // namespace
}  // namespace lockproof
