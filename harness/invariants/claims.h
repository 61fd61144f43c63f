// SPDX-License-Identifier: Apache-2.0
// The makers of the invariants, one a file, for the registry.
#pragma once

#include <memory>

#include "invariants/invariant.h"

namespace lockproof {

#define LOCKPROOF_INVARIANT(name, finding_class, needs_beginning, sentence) \
  std::unique_ptr<Invariant> make_##name(const Bounds& bounds);
#include "invariants/invariants.def"
#undef LOCKPROOF_INVARIANT

}  // namespace lockproof
