// SPDX-License-Identifier: Apache-2.0
#include "explore/births.h"

#include "world/choices.h"

namespace lockproof {
namespace {

constexpr unsigned kPlaceMask = kPlaces - 1;
constexpr unsigned kErrnos = 16;  // alternatives of a victim: choices.h

}  // namespace

Choice Births::named(const Transition& transition) const {
  Choice choice = transition.choice;
  if (choice.actor < kFirstFault) {
    choice.actor = numbers_.of[choice.actor];
    return choice;
  }
  const unsigned alternative = choice.alternative;
  const auto renamed = [&](unsigned what) {
    choice.alternative = static_cast<std::uint16_t>(what);
  };
  switch (static_cast<Letter>(choice.actor)) {
    case Letter::kKill:
    case Letter::kTerm:
    case Letter::kStop:
    case Letter::kExecChild:
      renamed((alternative & ~kPlaceMask) | numbers_.of[alternative & kPlaceMask]);
      break;
    case Letter::kErrno:
      renamed(numbers_.of[alternative / kErrnos] * kErrnos + alternative % kErrnos);
      break;
    case Letter::kPidReuse:
      renamed(numbers_.of_pid[alternative]);
      break;
    default:  // reboot, clock_step, and the clock itself: of nobody
      break;
  }
  return choice;
}

void Births::follow(const Facts& before, const Successor& successor, const Facts& after) {
  const Transition& step = successor.step;
  const auto old = numbers_.of;
  const bool reboots = static_cast<Letter>(step.choice.actor) == Letter::kReboot;
  if (reboots) numbers_.of_pid = {};
  std::uint8_t first_pids = 0;
  for (std::uint8_t place = 0; place < kPlaces; ++place) {
    const std::uint8_t was = successor.order[place];
    const bool here = (after.present >> place & 1) != 0;
    const bool fresh = here && (before.present >> was & 1) == 0;
    numbers_.of[place] = fresh ? numbers_.born++ : old[was];
    if (fresh) numbers_.of_pid[step.born] = numbers_.of[place];
    if (reboots && here) numbers_.of_pid[++first_pids] = numbers_.of[place];
  }
}

}  // namespace lockproof
