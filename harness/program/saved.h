// SPDX-License-Identifier: Apache-2.0
// A saved program: a tree from a text file, as Tree::text() wrote it. It knows what the tree knows
// and learns nothing: an answer that is not in it is an error that names node, call and answer.
#pragma once

#include "program/tree.h"

namespace lockproof {

class SavedProgram final : public Program {
 public:
  // `texts` are those of the tree, and must outlive the program. REQUIRES: the tree is not empty.
  SavedProgram(Tree tree, const Texts& texts) : tree_(std::move(tree)), texts_(texts) {}

  const Call& call(Node node) const override { return tree_.call(node); }
  std::span<const Said> said(Node node) const override { return tree_.said(node); }
  Result<Node> next(Node node, const Answer& answer) override;

 private:
  Tree tree_;
  const Texts& texts_;
};

}  // namespace lockproof
