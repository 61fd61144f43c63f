// SPDX-License-Identifier: Apache-2.0
#include "sim/viewed_program.h"

#include <gtest/gtest.h>

#include "program/saved.h"

namespace lockproof::sim {
namespace {

// A child after the other, each of which is waited for, for ever.
constexpr const char* kTree =
    "tree 1\n"
    "0 claim\n  getpid\n  -> 1001 : 1\n"
    "1\n  fork\n  -> 1002 : 2\n  -> 0 : 3\n"
    "2\n  waitpid 1002 0\n  -> 1002 : 1\n"
    "3 owns\n  exit 0\n";

class Viewed : public testing::Test {
 protected:
  std::string call(const Program& program, Node node) { return format(program.call(node), texts_); }
  Node next(Program& program, Node node, std::int64_t result) {
    const auto next = program.next(node, done(result));
    EXPECT_TRUE(next.ok()) << next.error().sentence;
    return next.ok() ? *next : 0;
  }

  Texts texts_;
  Naming naming_{texts_};
  SavedProgram saved_{*Tree::parse(kTree, texts_), texts_};
};

TEST_F(Viewed, IsAskedWithThePidsOfTheWorld) {
  ViewedProgram program(saved_, 1003, naming_);
  EXPECT_EQ(program.said(0)[0].kind, lockproof::Kind::kClaim);
  const Node named = next(program, 0, 1003);
  EXPECT_EQ(call(program, named), "fork");
  EXPECT_EQ(call(program, next(program, named, 1007)), "waitpid 1007 0");
  EXPECT_EQ(call(program, next(program, named, 1009)), "waitpid 1009 0");
  const Node child = next(program, named, 0);
  EXPECT_EQ(call(program, child), "exit 0");
  EXPECT_EQ(program.said(child)[0].kind, lockproof::Kind::kOwns);
}

TEST_F(Viewed, WhoWasReapedMakesNoNewPlace) {
  ViewedProgram program(saved_, 1003, naming_);
  const Node named = next(program, 0, 1003);
  EXPECT_EQ(next(program, next(program, named, 1007), 1007), named);
  EXPECT_EQ(next(program, next(program, named, 1008), 1008), named);
}

TEST_F(Viewed, TheSamePlaceOfTheProgramIsAnotherOneWithOtherPids) {
  ViewedProgram program(saved_, 1003, naming_);
  const Node named = next(program, 0, 1003);
  const Node one = next(program, named, 1007);
  const Node other = next(program, named, 1009);
  EXPECT_NE(one, other);
  EXPECT_EQ(program.node(one), program.node(other));
  EXPECT_EQ(next(program, named, 1007), one);
  EXPECT_EQ(program.view(one).pids[1], 7);
}

}  // namespace
}  // namespace lockproof::sim
