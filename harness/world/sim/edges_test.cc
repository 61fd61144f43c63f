// SPDX-License-Identifier: Apache-2.0
#include "sim/edges.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace lockproof::sim {
namespace {

// Every member is told from the others', and uses its highest bits.
Edge edge_of(SituationId from, std::uint32_t what, unsigned slot, Act act, std::uint32_t seed) {
  Edge edge{};
  edge.from = from;
  edge.what = what;
  edge.slot = static_cast<std::uint8_t>(slot);
  edge.act = act;
  edge.outcome = Edge::Outcome::kDone;
  edge.to = 0x0fffffff - seed;
  edge.node = (kIsChild << 2) - 1 - (1u << kNodeBits) - seed;
  edge.child_node = seed % 7 == 0 ? kStranger : seed % 5;
  edge.changed = static_cast<std::uint16_t>(0x0fff - seed % 3);
  edge.breaks = seed & 63;
  edge.silent = seed % 2 == 0;
  return edge;
}

void expect_equal(const Edge& a, const Edge& b) {
  EXPECT_EQ(static_cast<const EdgeKind&>(a), static_cast<const EdgeKind&>(b));
  EXPECT_EQ(a.asked(), b.asked());
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.node, b.node);
  EXPECT_EQ(a.sleep_known, b.sleep_known);
  EXPECT_EQ(a.asleep, b.asleep);
}

TEST(EdgesTest, WhatWasNotAddedIsNotKnown) {
  Edges edges;
  EXPECT_FALSE(edges.find({3, 0, 0, Act::kCall}).taken());
  ASSERT_TRUE(edges.add(edge_of(3, 0, 0, Act::kCall, 1)).ok());
  EXPECT_TRUE(edges.find({3, 0, 0, Act::kCall}).taken());
  EXPECT_FALSE(edges.find({3, 0, 0, Act::kDeath}).taken());
  EXPECT_FALSE(edges.find({3, 0, 1, Act::kCall}).taken());
  EXPECT_FALSE(edges.find({3, kNotBegun, 0, Act::kCall}).taken());
  EXPECT_FALSE(edges.find({2, 0, 0, Act::kCall}).taken());
}

// Rows of all lengths, which grow in turn and take each other's places.
TEST(EdgesTest, AllAreFoundAgainHoweverOftenTheirRowsGrew) {
  Edges edges;
  Random random(5);
  std::vector<Edge> all;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const auto from = static_cast<SituationId>(random.next() % (1 + i / 10));
    const auto act = errno_act(static_cast<unsigned>(random.next() % 16));
    const Edge edge = edge_of(from, (kNotBegun << 1) - 1 - i, random.next() % kProcesses, act, i);
    ASSERT_TRUE(edges.add(edge).ok());
    all.push_back(edge);
    if ((i & (i + 1)) != 0) continue;
    for (const Edge& known : all) expect_equal(edges.find(known.asked()), known);
  }
  for (const Edge& known : all) expect_equal(edges.find(known.asked()), known);
  EXPECT_EQ(edges.size(), all.size());
}

TEST(EdgesTest, WhereAProcessEndedItIsAtNoNode) {
  Edges edges;
  std::uint32_t what = 0;
  for (const NodeRef node : {kNoProcess, kDead, kDeadOther, kIdleChild, kStranger, NodeRef{0}}) {
    Edge edge = edge_of(1, ++what, 2, Act::kCall, 0);
    edge.node = node;
    ASSERT_TRUE(edges.add(edge).ok());
    EXPECT_EQ(edges.find(edge.asked()).node, node);
  }
}

TEST(EdgesTest, WhoseKillSleepsIsLearnedBitByBit) {
  Edges edges;
  const Edge edge = edge_of(1, 2, 3, Act::kCall, 0);
  ASSERT_TRUE(edges.add(edge).ok());
  edges.note_sleep(edge.asked(), 0x81, 0x80);
  edges.note_sleep(edge.asked(), 0x02, 0x02);
  EXPECT_EQ(edges.find(edge.asked()).sleep_known, 0x83);
  EXPECT_EQ(edges.find(edge.asked()).asleep, 0x82);
  EXPECT_EQ(edges.find(edge.asked()).to, edge.to);
}

}  // namespace
}  // namespace lockproof::sim
