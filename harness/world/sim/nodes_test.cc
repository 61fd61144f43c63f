// SPDX-License-Identifier: Apache-2.0
#include "sim/nodes.h"

#include <gtest/gtest.h>

#include "program/script.h"

namespace lockproof::sim {
namespace {

class NodesTest : public ::testing::Test {
 protected:
  ScriptProgram script(const std::vector<std::string>& lines) {
    auto program = ScriptProgram::parse(lines, texts);
    EXPECT_TRUE(program.ok()) << program.error().sentence;
    return *program;
  }
  static NodeRef go(Nodes& nodes, NodeRef ref, std::uint64_t hash = 1) {
    return *nodes.next(ref, done(0), hash);
  }
  std::string call(const Nodes& nodes, NodeRef ref) { return format(nodes.call(ref), texts); }

  Texts texts;
};

TEST_F(NodesTest, AReferenceIsAProgramAndItsNode) {
  ScriptProgram one = script({"getppid", "close 3"});
  ScriptProgram two = script({"setsid", "close 4"});
  Nodes nodes;
  const NodeRef first = Nodes::first_of(nodes.add(one));
  const NodeRef second = Nodes::first_of(nodes.add(two));
  EXPECT_EQ(call(nodes, first), "getppid");
  EXPECT_EQ(call(nodes, second), "setsid");
  EXPECT_EQ(call(nodes, go(nodes, second)), "close 4");
  EXPECT_EQ(call(nodes, go(nodes, first)), "close 3");
  EXPECT_EQ(nodes.size(), 4u);
  EXPECT_TRUE(Nodes::is_node(second));
  for (const NodeRef none : {kNoProcess, kDead, kDeadOther, kIdleChild, kStranger}) {
    EXPECT_FALSE(Nodes::is_node(none));
  }
}

TEST_F(NodesTest, WhatWasSaidLastIsTheAttempt) {
  ScriptProgram program = script({"getppid", "say claim", "getppid", "say owns", "hold",
                                  "say gives_up", "close 3", "say released", "getppid", "say claim",
                                  "say busy", "getppid", "say claim", "say failed", "getppid"});
  Nodes nodes;
  NodeRef at = Nodes::first_of(nodes.add(program));
  const Attempt expected[] = {Attempt::kNone, Attempt::kClaiming, Attempt::kOwns, Attempt::kGivesUp,
                              Attempt::kNone, Attempt::kBusy,     Attempt::kNone};
  const std::uint8_t says[] = {0,
                               kSaysClaims,
                               kSaysOwns,
                               kSaysMore,
                               kSaysMore,
                               kSaysClaims | kSaysBusy,
                               kSaysClaims | kSaysFailed};
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(nodes.about(at).attempt, expected[i]) << i;
    EXPECT_EQ(nodes.about(at).says, says[i]) << i;
    EXPECT_EQ(nodes.about(at).has_owned, i >= 2) << i;
    at = go(nodes, at);
  }
}

TEST_F(NodesTest, WhatIsSaidBeforeTheFirstCallCounts) {
  ScriptProgram program = script({"say claim", "getppid"});
  Nodes nodes;
  const NodeRef first = Nodes::first_of(nodes.add(program));
  EXPECT_EQ(nodes.about(first).attempt, Attempt::kClaiming);
}

TEST_F(NodesTest, AProbeHasABeginAndAnEnd) {
  ScriptProgram program =
      script({"getppid", "say probe.begin", "close 3", "close 4", "say probe.end", "close 5"});
  Nodes nodes;
  NodeRef at = Nodes::first_of(nodes.add(program));
  for (const bool probing : {false, true, true, false}) {
    EXPECT_EQ(nodes.about(at).probing, probing) << call(nodes, at);
    at = go(nodes, at);
  }
}

TEST_F(NodesTest, AChildIsAtNodesOfItsOwn) {
  ScriptProgram program = script({"getppid", "say owns", "fork", "close 3"});
  Nodes nodes;
  const NodeRef forks = go(nodes, Nodes::first_of(nodes.add(program)));
  const NodeRef parent = *nodes.next(forks | kGivenError, done(1002), 1);
  const NodeRef child = *nodes.next(forks | kGivenError, done(0), 2);
  EXPECT_EQ(child & (kIsChild | kGivenError), kIsChild) << "the error was its parent's";
  EXPECT_EQ(nodes.about(parent).attempt, Attempt::kOwns);
  EXPECT_EQ(nodes.about(child).attempt, Attempt::kNone) << "it has not said that";
  EXPECT_FALSE(nodes.about(child).has_owned);
  EXPECT_EQ(go(nodes, child) & kIsChild, kIsChild);
  EXPECT_EQ(go(nodes, parent) & (kIsChild | kGivenError), kGivenError);
  EXPECT_EQ(call(nodes, child), "close 3");
}

TEST_F(NodesTest, WhoWasGivenAnErrorIsAnotherOne) {
  ScriptProgram program = script({"getppid"});
  Nodes nodes;
  const NodeRef first = Nodes::first_of(nodes.add(program));
  EXPECT_TRUE(Nodes::is_node(first | kGivenError | kIsChild));
  EXPECT_NE(nodes.hash(first), nodes.hash(first | kGivenError));
  EXPECT_EQ(nodes.call(first), nodes.call(first | kGivenError));
}

TEST_F(NodesTest, AHashIsOfTheAnswersThatLeadThere) {
  ScriptProgram one = script({"getppid", "close 3", "close 4"});
  ScriptProgram two = script({"getppid", "close 3", "close 4"});
  const auto hash_after = [&](ScriptProgram& program, std::uint64_t first, std::uint64_t second) {
    Nodes nodes;
    return nodes.hash(go(nodes, go(nodes, Nodes::first_of(nodes.add(program)), first), second));
  };
  EXPECT_EQ(hash_after(one, 5, 6), hash_after(two, 5, 6));
  EXPECT_NE(hash_after(one, 5, 6), hash_after(one, 7, 6));
  EXPECT_NE(hash_after(one, 5, 6), hash_after(one, 6, 5));
}

TEST_F(NodesTest, AndOfTheProgram) {
  ScriptProgram one = script({"getppid"});
  ScriptProgram two = script({"getppid"});
  Nodes nodes;
  const NodeRef first = Nodes::first_of(nodes.add(one));
  const NodeRef second = Nodes::first_of(nodes.add(two));
  EXPECT_NE(nodes.hash(first), nodes.hash(second));
  EXPECT_NE(nodes.hash(kDead), nodes.hash(kNoProcess));
}

}  // namespace
}  // namespace lockproof::sim
