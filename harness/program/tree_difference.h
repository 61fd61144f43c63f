// SPDX-License-Identifier: Apache-2.0
// What a program does otherwise than a saved tree says.
//
// The program is told the answers of the tree, from the beginning, one after the other. Where it
// asks and says the same, it goes on from there; where it does not, that is a difference, and what
// lies behind it is not compared.
//
// Answers depend on what was asked. So where the tree has all the answers that a search gives, and
// there is no difference, a search of the program gives no other ones: it need not be made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "program/tree.h"

namespace lockproof {

struct TreeDifference {
  std::vector<Tree::Turn>
      path;        // of the saved tree; no way to a place where they differ is shorter
  Node saved = 0;  // where it leads in the tree, and in the program
  Node now = 0;
  std::size_t places = 1;  // where the same two differ
};

struct TreeComparison {
  std::vector<TreeDifference> differences;  // the nearest first
  std::size_t answers = 0;                  // of the tree, that the program was told
  std::optional<Error> stopped;             // of the program: there may be more differences
};

// `now` has the texts of `saved`. REQUIRES: neither is empty. Ends: a place of the one is met with
// a place of the other once only.
TreeComparison compare(const Tree& saved, Program& now);

// Lines: the calls of the path with their answers (the last ones of a long path), then what the
// tree has, behind "-", and what the program does, behind "+".
std::string text(const TreeDifference& difference, const Tree& saved, const Program& now,
                 const Texts& texts);

}  // namespace lockproof
