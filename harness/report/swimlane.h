// SPDX-License-Identifier: Apache-2.0
// The run that broke a promise, as a table: one column a process, one row an event, time downwards.
#pragma once

#include <string>
#include <vector>

#include "core/verdict.h"

namespace lockproof {

inline constexpr std::size_t kRowsShown = 24;

// The rows of the finding, marked with "<-", and what its processes did between them, at most
// kRowsShown in all unless the finding itself has more. Where the steps of the run are known
// (`run`), all of them, and beside each process what it has after them: '*' it owns, '+' it has a
// lock, '#' both, with a last line that says so. Too many processes for `columns`: a list.
std::vector<std::string> swimlane(const Finding& finding, const History& history,
                                  const std::vector<RunStep>& run, int columns);

}  // namespace lockproof
