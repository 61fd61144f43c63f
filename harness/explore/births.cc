// SPDX-License-Identifier: Apache-2.0
#include "explore/births.h"

#include "world/choices.h"

namespace lockproof {
namespace {

constexpr unsigned kPlaceMask = kPlaces - 1;

}  // namespace

Choice Births::named(const Transition& transition) const {
  Choice choice = transition.choice;
  if (transition.kind == Transition::Kind::kFault ||
      transition.kind == Transition::Kind::kContinue) {
    choice.alternative = static_cast<std::uint16_t>((choice.alternative & ~kPlaceMask) |
                                                    numbers_.of[choice.alternative & kPlaceMask]);
  } else if (choice.actor < kFirstFault) {
    choice.actor = numbers_.of[choice.actor];
  }
  return choice;
}

void Births::follow(const Facts& before, const Successor& successor, const Facts& after) {
  const auto old = numbers_.of;
  for (std::uint8_t place = 0; place < kPlaces; ++place) {
    const std::uint8_t was = successor.order[place];
    const bool fresh = (after.present >> place & 1) != 0 && (before.present >> was & 1) == 0;
    numbers_.of[place] = fresh ? numbers_.born++ : old[was];
  }
}

}  // namespace lockproof
