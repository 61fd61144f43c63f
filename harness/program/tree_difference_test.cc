// SPDX-License-Identifier: Apache-2.0
#include "program/tree_difference.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "program/saved.h"

namespace lockproof {
namespace {

constexpr const char* kLock =
    "tree 1\n"
    "0 claim\n"
    "  open cwd \"lock\" O_RDWR|O_CREAT 0600\n"
    "  -> 3 : 1\n"
    "  -> EACCES : 2\n"
    "1\n"
    "  flock 3 LOCK_EX|LOCK_NB\n"
    "  -> 0 : 3\n"
    "  -> EAGAIN : 4\n"
    "2\n"
    "  exit 1\n"
    "3 owns\n"
    "  hold\n"
    "  -> 0 : 5\n"
    "4 busy\n"
    "  exit 0\n"
    "5 gives_up\n"
    "  exit 0\n";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

struct Compared {
  std::string shown;  // all differences
  TreeComparison comparison;
};

Compared against(const std::string& saved, const std::string& now) {
  Texts texts;
  const auto tree = Tree::parse(saved, texts);
  auto other = Tree::parse(now, texts);
  EXPECT_TRUE(tree.ok()) << tree.error().sentence;
  EXPECT_TRUE(other.ok()) << other.error().sentence;
  if (!tree.ok() || !other.ok()) return {};
  SavedProgram program(std::move(*other), texts);
  Compared compared{"", compare(*tree, program)};
  for (const TreeDifference& difference : compared.comparison.differences) {
    compared.shown += text(difference, *tree, program, texts);
  }
  return compared;
}

TEST(TreeDifference, ThereIsNoneInTheSame) {
  const Compared found = against(kLock, kLock);
  EXPECT_EQ(found.shown, "");
  EXPECT_EQ(found.comparison.answers, 5u);
  EXPECT_FALSE(found.comparison.stopped);
}

TEST(TreeDifference, IsACallThatChanged) {
  const Compared found = against(kLock, changed(kLock, "LOCK_EX|LOCK_NB", "LOCK_SH|LOCK_NB"));
  EXPECT_EQ(found.shown,
            "  claim; open cwd \"lock\" O_RDWR|O_CREAT 0600 -> 3\n"
            "- flock 3 LOCK_EX|LOCK_NB\n"
            "+ flock 3 LOCK_SH|LOCK_NB\n");
  EXPECT_EQ(found.comparison.answers, 2u) << "what lies behind it is not compared";
}

TEST(TreeDifference, IsAWordThatChanged) {
  EXPECT_EQ(against(kLock, changed(kLock, "4 busy", "4 failed busy")).shown,
            "  claim; open cwd \"lock\" O_RDWR|O_CREAT 0600 -> 3\n"
            "  flock 3 LOCK_EX|LOCK_NB -> EAGAIN\n"
            "- busy; exit 0\n"
            "+ failed busy; exit 0\n");
}

TEST(TreeDifference, IsACallThatWasPutIn) {
  const std::string now = changed(kLock, "5 gives_up\n  exit 0\n",
                                  "5 gives_up\n  unlink cwd \"lock\" 0\n  -> 0 : 6\n6\n  exit 0\n");
  const std::string way =
      "  claim; open cwd \"lock\" O_RDWR|O_CREAT 0600 -> 3\n"
      "  flock 3 LOCK_EX|LOCK_NB -> 0\n"
      "  owns; hold -> 0\n";
  EXPECT_EQ(against(kLock, now).shown,
            way + "- gives_up; exit 0\n+ gives_up; unlink cwd \"lock\" 0\n");
  EXPECT_EQ(against(now, kLock).shown,
            way + "- gives_up; unlink cwd \"lock\" 0\n+ gives_up; exit 0\n");
}

TEST(TreeDifference, AtSeveralPlacesIsShownAtTheNearest) {
  const std::string saved =
      "tree 1\n0\n  getpid\n  -> 7 : 1\n  -> 8 : 2\n"
      "1\n  getppid\n  -> 1 : 3\n2\n  exit 1\n3\n  exit 1\n";
  const std::string now =
      "tree 1\n0\n  getpid\n  -> 7 : 1\n  -> 8 : 2\n1\n  getppid\n  -> 1 : 2\n2\n  exit 0\n";
  const Compared twice = against(saved, now);
  EXPECT_EQ(twice.shown,
            "  getpid -> 8\n- exit 1\n+ exit 0\n  (in 2 places, of which this is a nearest one)\n");
}

// A poll that one of the two has as a loop, and the other one rolled out by one round.
TEST(TreeDifference, RoundsThatAreTheSameAreNone) {
  const std::string loop =
      "tree 1\n0\n  mkdir cwd \"lock\" 0777\n  -> EEXIST : 1\n  -> 0 : 2\n"
      "1\n  sleep 100\n  -> 0 : 0\n2\n  exit 0\n";
  const std::string rolled_out =
      "tree 1\n0\n  mkdir cwd \"lock\" 0777\n  -> EEXIST : 1\n  -> 0 : 2\n"
      "1\n  sleep 100\n  -> 0 : 3\n2\n  exit 0\n"
      "3\n  mkdir cwd \"lock\" 0777\n  -> EEXIST : 1\n  -> 0 : 2\n";
  EXPECT_EQ(against(loop, rolled_out).shown, "");
  EXPECT_EQ(against(loop, rolled_out).comparison.answers, 3u);
  EXPECT_EQ(against(rolled_out, loop).shown, "");
  EXPECT_EQ(against(rolled_out, loop).comparison.answers, 5u);
  const std::string other = changed(rolled_out, "3\n  mkdir", "3 busy\n  mkdir");
  EXPECT_EQ(against(loop, other).shown,
            "  mkdir cwd \"lock\" 0777 -> EEXIST\n"
            "  sleep 100 -> 0\n"
            "- mkdir cwd \"lock\" 0777\n"
            "+ busy; mkdir cwd \"lock\" 0777\n");
}

// What could not be asked is no difference, and not the same.
TEST(TreeDifference, WhatIsNotKnownOfTheProgramIsSaid) {
  const std::string ends = "1\n  exit 1\n";
  const Compared found = against("tree 1\n0\n  getpid\n  -> 7 : 1\n  -> 8 : 1\n" + ends,
                                 "tree 1\n0\n  getpid\n  -> 7 : 1\n" + ends);
  ASSERT_TRUE(found.comparison.stopped);
  const std::string& why = found.comparison.stopped->sentence;
  EXPECT_NE(why.find("does not know '8' at node 0"), std::string::npos) << why;
  EXPECT_EQ(found.comparison.answers, 1u);
}

TEST(TreeDifference, WhatIsKnownOfTheProgramIsComparedForAllThat) {
  const std::string head = "tree 1\n0\n  getpid\n  -> 7 : 1\n  -> 8 : 2\n1\n  getppid\n";
  const Compared found =
      against(head + "  -> 1 : 3\n2\n  exit 1\n3\n  exit 1\n", head + "2\n  exit 2\n");
  EXPECT_TRUE(found.comparison.stopped);
  EXPECT_EQ(found.shown, "  getpid -> 8\n- exit 1\n+ exit 2\n");
}

TEST(TreeDifference, OfALongPathTheEndIsShown) {
  std::string way = "tree 1\n";
  for (int i = 0; i < 30; ++i) {
    way += std::to_string(i) + "\n  sleep " + std::to_string(i) +
           "\n  -> 0 : " + std::to_string(i + 1) + "\n";
  }
  const std::string shown = against(way + "30\n  exit 0\n", way + "30\n  exit 1\n").shown;
  EXPECT_TRUE(shown.starts_with("  (10 calls before)\n  sleep 10 -> 0\n")) << shown;
  EXPECT_TRUE(shown.ends_with("  sleep 29 -> 0\n- exit 0\n+ exit 1\n")) << shown;
}

// One call of any tree is changed: that is what differs, and nothing else.
RC_GTEST_PROP(TreeDifference, ShowsTheOneThatChanged, ()) {
  Texts texts;
  const auto build = [](const std::vector<std::pair<Node, std::int64_t>>& edges, Node other) {
    Tree tree;
    const auto call = [&](Node node) {
      return node == other ? Call{.op = Op::kGetppid} : Call{.op = Op::kSleep, .size = node};
    };
    tree.plant(call(0), {});
    for (const auto& [from, result] : edges) {
      tree.grow(from, done(result), call(static_cast<Node>(tree.size())), {});
    }
    return tree;
  };
  const auto count = *rc::gen::inRange<Node>(1, 20);
  std::vector<std::pair<Node, std::int64_t>> edges;
  for (Node node = 1; node < count; ++node) {
    edges.emplace_back(*rc::gen::inRange<Node>(0, node), node);
  }
  const Node other = *rc::gen::inRange<Node>(0, count);
  const Tree saved = build(edges, count);
  SavedProgram now(build(edges, other), texts);
  const TreeComparison comparison = compare(saved, now);
  RC_ASSERT(!comparison.stopped);
  RC_ASSERT(comparison.differences.size() == 1u);
  RC_ASSERT(comparison.differences[0].saved == other);
  RC_ASSERT(comparison.differences[0].path.size() == saved.path_to(other).size());
}

}  // namespace
}  // namespace lockproof
