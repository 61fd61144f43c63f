// SPDX-License-Identifier: Apache-2.0
// Births: which process is at which place of a canonical state, along a way through a space.
//
// Contenders change places there; people, schedules and other worlds number processes by their
// birth: the cast in its order, then forked children.
#pragma once

#include "world/space.h"

namespace lockproof {

class Births {
 public:
  explicit Births(const Numbers& first) : numbers_(first) {}

  // The choice of a transition from here, with processes by birth.
  Choice named(const Transition& transition) const;
  // Goes to the state behind `successor`.
  void follow(const Facts& before, const Successor& successor, const Facts& after);

 private:
  Numbers numbers_;
};

}  // namespace lockproof
