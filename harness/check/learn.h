// SPDX-License-Identifier: Apache-2.0
// learn: what a program of somebody else's asks, for its own sake: its tree, as a check learns it,
// and what it does otherwise than a saved tree says.
#pragma once

#include <string>

#include "check/judge.h"

namespace lockproof {

// How far a check learns: all of the budget; half of it where real processes can do something with
// the rest. Without a budget a short time, for the same reason, or a longer one.
LearningLimits learning_limits(const CheckOptions& options, bool goes_live);

// How long a program may compute (Command::patience_ms): a part of the budget, for each world may
// have to find out that it is too long.
int patience_ms(const CheckOptions& options);

struct LearnedTree {
  std::string text;  // Tree::text()
  std::size_t places = 0;
  std::size_t answers = 0;
  std::string bounds;
};

// All that a search within the bounds asks of the program, whatever it may break. The same program
// and bounds give the same tree. REQUIRES: the subject is a command. Errors: kUsage, the scenario
// cannot be explored; kEnvironment and kStopped, the program, or all of its runs, cannot be
// learned: why.
Result<LearnedTree> learn(const Scenario& scenario, const CheckOptions& options);

struct Relearned {
  std::string shown;  // the differences, as tree_difference.h shows them
  std::size_t differences = 0;
  std::size_t answers = 0;        // of the tree, that were compared
  std::size_t known_answers = 0;  // of the tree
  std::string stopped;            // why there may be more differences; "": there are no more
};

// Learns it again, by the answers of the tree in `file`. REQUIRES: as learn(). Errors: as learn();
// kUsage, the file cannot be read, or holds no tree: which line.
Result<Relearned> learn_against(const Scenario& scenario, const CheckOptions& options,
                                const std::string& file);

}  // namespace lockproof
