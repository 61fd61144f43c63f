// SPDX-License-Identifier: Apache-2.0
// What the words of `check` and `replay` name: scenarios, and mutants.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "subject/scenario.h"

namespace lockproof {

// As find_scenarios(); and "family/protocol" that is a mutant of some scenario: that scenario, with
// the mutant in the subject's place and the invariant that must catch it alone.
Result<std::vector<Scenario>> find_checked(const std::vector<std::string>& words);

}  // namespace lockproof
