// SPDX-License-Identifier: Apache-2.0
// walk: the choices along a way through a space that is known by its fingerprints.
//
// A search keeps no choices, and its states are canonical: contenders may have changed places on
// the way. The walk goes again from the start, takes at each state the first step that leads to the
// next fingerprint, and gives the processes the numbers of their birth: the cast in its order, then
// forked children. So the choices mean the same in every world.
#pragma once

#include <vector>

#include "core/result.h"
#include "core/schedule.h"
#include "world/space.h"

namespace lockproof {

// `round`: the last so many steps are no faults, and taken by these actors (graph.h).
// REQUIRES: `way` begins with the fingerprint of the first state, and each is a successor of the
// one before. Errors: as Space::expand().
Result<std::vector<Choice>> walk(Space& space, const std::vector<Fingerprint>& way,
                                 const std::vector<std::uint8_t>& round = {});

}  // namespace lockproof
