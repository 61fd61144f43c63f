// SPDX-License-Identifier: Apache-2.0
#include "program/tree.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cerrno>

namespace lockproof {
namespace {

constexpr const char* kText =
    "tree 1\n"
    "0 claim\n"
    "  open cwd \"lock\" O_WRONLY|O_CREAT|O_EXCL 0600\n"
    "  -> 3 : 1\n"
    "  -> EEXIST : 2\n"
    "1 owns probe.begin\n"
    "  close 3\n"
    "  -> 0 : 3\n"
    "2 busy destroy.end=1\n"
    "  exit 0\n"
    "3 gives_up released\n"
    "  exit 0\n";

TEST(Tree, IsReadAsItIsWritten) {
  Texts texts;
  const auto tree = Tree::parse(kText, texts);
  ASSERT_TRUE(tree.ok()) << tree.error().sentence;
  EXPECT_EQ(tree->size(), 4u);
  EXPECT_EQ(tree->text(texts), kText);
  EXPECT_EQ(tree->find(0, fail(EEXIST)), Node{2});
  EXPECT_EQ(tree->find(0, fail(EACCES)), std::nullopt);
  EXPECT_EQ(tree->said(1).size(), 2u);
  EXPECT_EQ(tree->said(1)[1], (Said{Kind::kProbe, Phase::kBegin}));
  EXPECT_EQ(tree->said(2)[1], (Said{Kind::kDestroy, Phase::kEnd, 1}));
}

TEST(Tree, KnowsTheWayToANode) {
  Texts texts;
  const Tree tree = *Tree::parse(kText, texts);
  EXPECT_TRUE(tree.path_to(0).empty());
  const auto path = tree.path_to(3);
  ASSERT_EQ(path.size(), 2u);
  EXPECT_EQ(path[0].node, 0u);
  EXPECT_EQ(path[0].answer.result, 3);
  EXPECT_EQ(path[1].node, 1u);
}

TEST(Tree, IsAGraphWhereAnswersLeadToTheSamePlace) {
  const std::string text =
      "tree 1\n"
      "0\n  getpid\n  -> 7 : 0\n  -> 8 : 2\n  -> 9 : 1\n"
      "1\n  getppid\n  -> 1 : 2\n"
      "2\n  close 3\n  -> 0 : 1\n";
  Texts texts;
  const auto tree = Tree::parse(text, texts);
  ASSERT_TRUE(tree.ok()) << tree.error().sentence;
  EXPECT_EQ(tree->text(texts), text);
  EXPECT_EQ(tree->find(0, done(7)), Node{0});
  EXPECT_EQ(tree->find(2, done(0)), Node{1});
  ASSERT_EQ(tree->path_to(2).size(), 1u);
  EXPECT_EQ(tree->path_to(2)[0].answer, done(8));
}

TEST(Tree, GoesRoundWhereAnAnswerLeadsBack) {
  const std::string way = "tree 1\n0\n  getpid\n  -> 7 : 1\n  -> 8 : 2\n1\n  getppid\n  -> 1 : 2\n";
  Texts texts;
  EXPECT_FALSE(Tree().goes_round());
  EXPECT_FALSE(Tree::parse(kText, texts)->goes_round());
  EXPECT_FALSE(Tree::parse(way + "2\n  exit 0\n", texts)->goes_round());
  EXPECT_TRUE(Tree::parse(way + "2\n  close 3\n  -> 0 : 1\n", texts)->goes_round());
  EXPECT_TRUE(Tree::parse(way + "2\n  close 3\n  -> 0 : 2\n", texts)->goes_round());
  EXPECT_TRUE(Tree::parse(way + "2\n  close 3\n  -> 0 : 0\n", texts)->goes_round());
}

struct BadTree {
  std::string text;
  const char* message;
};

TEST(Tree, SaysWhereATextIsNotOne) {
  const std::string head = "tree 1\n0\n  getpid\n";
  const BadTree table[] = {
      {"", "tree:1: expected 'tree 1', found 'the end'"},
      {"tree 2\n", "tree:1: expected 'tree 1', found 'tree 2'"},
      {"tree 1\n", "tree:2: expected node 0, found 'the end'"},
      {"tree 1\n1\n  getpid\n", "tree:2: expected node 0, found '1'"},
      {"tree 1\n0 sings\n  getpid\n", "tree:2: expected what was said on the way to the node"},
      {"tree 1\n0 claim.point\n  getpid\n", "tree:2: expected what was said"},
      {"tree 1\n0 claim=0\n  getpid\n", "tree:2: expected what was said"},
      {"tree 1\n0 claim=01\n  getpid\n", "tree:2: expected what was said"},
      {"tree 1\n0 claim=300\n  getpid\n", "tree:2: expected what was said"},
      {"tree 1\n0\ngetpid\n", "tree:3: expected the call of the node, found 'getpid'"},
      {"tree 1\n0\n  sing\n", "tree:3: expected a call"},
      {head + "  -> 7\n", "tree:4: expected 'ANSWER : NODE'"},
      {head + "  -> high : 1\n", "tree:4: expected an answer"},
      {head + "  -> 7 : 01\n", "tree:4: expected a node"},
      {head + "  -> waits : 1\n", "tree:4: expected an answer that ends the call"},
      {"tree 1\n0\n  exit 0\n  -> 0 : 0\n", "tree:4: expected the next node: nothing follows"},
      {head + "  -> 7 : 1\n  -> 8 : 1\n", "tree:6: expected every node that an answer leads to"},
      {head + "  -> 7 : 1\n  -> 7 : 2\n", "tree:5: expected an answer that was not there before"},
      {head + "1\n  exit 0\n", "tree:4: expected a node that an answer leads to"},
      {head + "  -> 7 : 1\n", "expected every node that an answer leads to"},
  };
  for (const BadTree& row : table) {
    Texts texts;
    const auto tree = Tree::parse(row.text, texts);
    ASSERT_FALSE(tree.ok()) << row.text;
    EXPECT_NE(tree.error().sentence.find(row.message), std::string::npos)
        << tree.error().sentence << "\nexpected " << row.message;
  }
}

RC_GTEST_PROP(Tree, AnyTreeIsReadBack, ()) {
  Texts texts;
  Tree tree;
  tree.plant(Call{}, {});
  const int count = *rc::gen::inRange(0, 30);
  for (int i = 0; i < count; ++i) {
    const auto from = *rc::gen::inRange<Node>(0, static_cast<Node>(tree.size()));
    const Answer answer = done(*rc::gen::inRange(-40, 40));
    if (tree.find(from, answer)) continue;
    if (*rc::gen::inRange(0, 4) == 0) {
      tree.join(from, answer, *rc::gen::inRange<Node>(0, static_cast<Node>(tree.size())));
      continue;
    }
    Call call;
    call.op = *rc::gen::element(Op::kGetpid, Op::kClose, Op::kRead);
    if (call.op != Op::kGetpid) call.fd = *rc::gen::inRange(0, 9);
    std::vector<Said> said;
    if (*rc::gen::arbitrary<bool>()) said.push_back({Kind::kOwns});
    tree.grow(from, answer, call, said);
  }
  const std::string text = tree.text(texts);
  Texts others;
  const auto again = Tree::parse(text, others);
  RC_ASSERT(again.ok());
  RC_ASSERT(again->text(others) == text);
}

// A tree that is damaged reaches all of the parser; bytes that are made up end in the first line.
// What is still read can be written, and read again.
TEST(Tree, SurvivesAnyChangedByte) {
  const std::string whole = kText;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = whole;
      text[at] = static_cast<char>(byte);
      Texts texts;
      const auto tree = Tree::parse(text, texts);
      if (!tree.ok()) continue;
      const auto again = Tree::parse(tree->text(texts), texts);
      ASSERT_TRUE(again.ok()) << text;
      ASSERT_EQ(again->text(texts), tree->text(texts));
    }
  }
}

}  // namespace
}  // namespace lockproof
