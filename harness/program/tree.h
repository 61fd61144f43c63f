// SPDX-License-Identifier: Apache-2.0
// Tree: the part of a program that is known, as data. As text it is readable, saved, compared, and
// an input of tests:
//
//   tree 1
//   0
//     open cwd "lock" O_RDWR|O_CREAT 0600
//     -> 3 : 1
//     -> EACCES : 2
//   1 claim owns
//     ...
//
// One node after the other: its number, what was said on the way to it, its call, and the known
// answers with where they lead, in the order in which they were found out. A node grows from an
// earlier one; where other answers lead to it, too, or back to it, the tree is a graph.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "program/program.h"

namespace lockproof {

// "owns", "probe.begin", "destroy.end=1"
std::string format(const Said& said);
std::optional<Said> parse_said(std::string_view word);

class Tree {
 public:
  // Answers on the way from the beginning to `node`, each with the node that asked.
  struct Turn {
    Node node = 0;
    Answer answer;
  };

  static constexpr std::size_t kMaxNodes = 1 << 22;

  std::size_t size() const { return nodes_.size(); }
  std::size_t known_answers() const { return edges_.size(); }  // of all nodes
  const Call& call(Node node) const { return nodes_[node].call; }
  std::span<const Said> said(Node node) const { return nodes_[node].said; }

  // The known answers with where they lead, in the order in which they were found out.
  std::span<const std::pair<Answer, Node>> answers(Node node) const { return nodes_[node].answers; }
  // Where the answer leads; nothing if that is not known.
  std::optional<Node> find(Node node, const Answer& answer) const;

  // The first node. REQUIRES: the tree is empty.
  void plant(const Call& call, std::vector<Said> said);
  // A new node, where the answer at `from` leads. REQUIRES: find(from, answer) finds nothing;
  // size() < kMaxNodes.
  Node grow(Node from, const Answer& answer, const Call& call, std::vector<Said> said);

  // The answer at `from` leads to a node that is there: a loop, or another way to the same place.
  // REQUIRES: find(from, answer) finds nothing; to < size().
  void join(Node from, const Answer& answer, Node to);

  // From the beginning, by where each node grew. Empty for node 0.
  std::vector<Turn> path_to(Node node) const;

  bool asks(Op op) const;  // anywhere
  // Some answers lead on and on, and never to an end.
  bool goes_round() const;

  std::string text(const Texts& texts) const;
  // What text() gives of a tree that was learned, and nothing else; an error names the line of
  // `source`.
  static Result<Tree> parse(std::string_view text, Texts& texts, std::string_view source = "tree");

 private:
  struct Point {
    Call call;
    Node parent = 0;
    Answer answer;  // at parent
    std::vector<Said> said;
    std::vector<std::pair<Answer, Node>> answers{};
  };
  struct Key {
    Node node;
    Answer answer;
    bool operator==(const Key&) const = default;
  };
  struct HashKey {
    std::size_t operator()(const Key& key) const;
  };

  void lead(Node from, const Answer& answer, Node to);

  std::vector<Point> nodes_;
  std::unordered_map<Key, Node, HashKey> edges_;
};

}  // namespace lockproof
