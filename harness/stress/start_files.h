// SPDX-License-Identifier: Apache-2.0
// What lies in the run's directory before the first process starts: the scenario's `files`.
#pragma once

#include <string>

#include "core/result.h"
#include "subject/scenario.h"

namespace lockproof {

// Keys are roles (record, lock) or names in the directory; values are absent, dead (the pid of a
// process that has ended, as decimal text), empty, torn (half of that text), garbage, or 'literal'.
Result<> lay_start_files(const Scenario& scenario, const std::string& dir);

}  // namespace lockproof
