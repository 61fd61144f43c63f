// SPDX-License-Identifier: Apache-2.0
#include "explore/walk.h"

#include <algorithm>

#include "explore/births.h"
#include "explore/graph.h"

namespace lockproof {

namespace {

bool is_by(const Transition& step, std::uint8_t actor) {
  const bool clock = step.kind == Transition::Kind::kClock;
  return step.kind != Transition::Kind::kFault && (clock ? Graph::kClock : step.place) == actor;
}

}  // namespace

Result<std::vector<Choice>> walk(Space& space, const std::vector<Fingerprint>& way,
                                 const std::vector<std::uint8_t>& round) {
  State state = space.first();
  Births births(space.numbers());
  std::vector<Choice> choices;
  std::vector<Successor> successors;
  for (std::size_t i = 1; i < way.size(); ++i) {
    successors.clear();
    if (auto expanded = space.expand(state, 0, successors); !expanded.ok()) return expanded.error();
    const std::size_t left = way.size() - i;
    const auto next =
        std::find_if(successors.begin(), successors.end(), [&](const Successor& successor) {
          return successor.fingerprint == way[i] &&
                 (left > round.size() || is_by(successor.step, round[round.size() - left]));
        });
    if (next == successors.end())
      return internal_error(ErrorCode::kInternal, "a way through a search that is not one");
    choices.push_back(births.named(next->step));
    births.follow(space.facts(state), *next, space.facts(next->state));
    state = next->state;
  }
  return choices;
}

}  // namespace lockproof
