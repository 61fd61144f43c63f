// SPDX-License-Identifier: Apache-2.0
#include "explore/births.h"

#include <bit>

#include "world/choices.h"

namespace lockproof {
namespace {

constexpr unsigned kPlaceMask = kPlaces - 1;

}  // namespace

Births::Births(const Facts& first)
    : born_(static_cast<std::uint8_t>(std::popcount(first.present))) {
  for (std::uint8_t place = 0; place < kPlaces; ++place) number_[place] = place;
}

Choice Births::named(const Transition& transition) const {
  Choice choice = transition.choice;
  if (transition.kind == Transition::Kind::kFault ||
      transition.kind == Transition::Kind::kContinue) {
    choice.alternative = static_cast<std::uint16_t>((choice.alternative & ~kPlaceMask) |
                                                    number_[choice.alternative & kPlaceMask]);
  } else if (choice.actor < kFirstFault) {
    choice.actor = number_[choice.actor];
  }
  return choice;
}

void Births::follow(const Facts& before, const Successor& successor, const Facts& after) {
  const auto old = number_;
  for (std::uint8_t place = 0; place < kPlaces; ++place) {
    const std::uint8_t was = successor.order[place];
    const bool fresh = (after.present >> place & 1) != 0 && (before.present >> was & 1) == 0;
    number_[place] = fresh ? born_++ : old[was];
  }
}

}  // namespace lockproof
