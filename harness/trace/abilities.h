// SPDX-License-Identifier: Apache-2.0
// What the host lets this process do of all that runs of real processes need, tried out one by one,
// each by a child that ends at once.
#pragma once

#include <string>
#include <vector>

namespace lockproof {

struct Ability {
  std::string name;
  std::string lacking;  // "": it is there; else what failed, in words
  std::string without;  // what cannot be done then
};

// Always the same ones, in the same order.
std::vector<Ability> try_abilities();

}  // namespace lockproof
