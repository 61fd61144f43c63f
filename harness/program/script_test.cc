// SPDX-License-Identifier: Apache-2.0
#include "program/script.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "program/saved.h"

namespace lockproof {
namespace {

TEST(Script, AsksTheSameWhateverItIsAnswered) {
  Texts texts;
  auto script = ScriptProgram::parse({"getpid", "fork", "exit 3"}, texts);
  ASSERT_TRUE(script.ok());
  EXPECT_EQ(script->call(0).op, Op::kGetpid);
  EXPECT_EQ(*script->next(0, done(7)), *script->next(0, fail(EIO)));
  const Node fork = *script->next(0, done(7));
  EXPECT_EQ(script->call(fork).op, Op::kFork);
  EXPECT_EQ(format(script->call(*script->next(fork, done(0))), texts), "exit 3");
}

TEST(Script, EndsWithAnExit) {
  Texts texts;
  auto script = ScriptProgram::parse({"getpid"}, texts);
  EXPECT_EQ(format(script->call(*script->next(0, done(7))), texts), "exit 0");
}

TEST(Script, SaysOnTheWayToTheNextCall) {
  Texts texts;
  auto script = ScriptProgram::parse({"say claim", "say probe.begin", "getpid", "say owns"}, texts);
  ASSERT_TRUE(script.ok());
  const auto first = script->said(0);
  EXPECT_EQ(std::vector<Said>(first.begin(), first.end()),
            (std::vector<Said>{{Kind::kClaim}, {Kind::kProbe, Phase::kBegin}}));
  const auto last = script->said(*script->next(0, done(0)));
  EXPECT_EQ(std::vector<Said>(last.begin(), last.end()), (std::vector<Said>{{Kind::kOwns}}));
}

TEST(Script, NamesALineThatItDoesNotUnderstand) {
  Texts texts;
  EXPECT_EQ(ScriptProgram::parse({"getpid", "steal"}, texts).error().sentence,
            "'steal': expected the name of a call at word 1");
  EXPECT_EQ(ScriptProgram::parse({"say cheese"}, texts).error().sentence,
            "'say cheese': nothing that can be said");
}

constexpr const char* kTree =
    "tree 1\n"
    "0 claim\n"
    "  open cwd \"f\" O_RDWR 0\n"
    "  -> 3 : 1\n"
    "1 owns\n"
    "  exit 0\n";

TEST(SavedProgram, KnowsWhatTheTreeKnows) {
  Texts texts;
  SavedProgram program(*Tree::parse(kTree, texts), texts);
  EXPECT_EQ(program.call(0).op, Op::kOpenat);
  const auto owner = program.next(0, done(3));
  ASSERT_TRUE(owner.ok());
  EXPECT_EQ(program.said(*owner)[0].kind, Kind::kOwns);
}

TEST(SavedProgram, NamesAnAnswerThatIsNotInTheTree) {
  Texts texts;
  SavedProgram program(*Tree::parse(kTree, texts), texts);
  EXPECT_EQ(program.next(0, fail(ENOENT)).error().sentence,
            "the saved tree does not know 'ENOENT' at node 0, 'open cwd \"f\" O_RDWR 0'");
}

// What its parent has said before the fork, a child has not said: where they are is not the same.
TEST(ScriptTest, AChildIsAtANodeOfItsOwn) {
  Texts texts;
  auto script = ScriptProgram::parse({"fork", "say claim", "fork", "getpid"}, texts);
  ASSERT_TRUE(script.ok());
  const Node parent = *script->next(0, done(7));
  const Node child = *script->next(0, done(0));
  const Node grandchild = *script->next(child, done(0));
  EXPECT_EQ(std::set<Node>({parent, child}).size(), 2u);
  EXPECT_EQ(script->said(child).size(), 1u);
  EXPECT_EQ(
      std::set<Node>({*script->next(parent, done(8)), *script->next(child, done(8)), grandchild})
          .size(),
      3u);
  EXPECT_EQ(script->call(grandchild).op, Op::kGetpid);
  EXPECT_EQ(script->call(*script->next(grandchild, done(1))).op, Op::kExit);
}

}  // namespace
}  // namespace lockproof
