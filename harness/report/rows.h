// SPDX-License-Identifier: Apache-2.0
// The rows of a table of a run, before they are laid out.
#pragma once

#include <string>
#include <vector>

#include "core/verdict.h"
#include "report/wording.h"

namespace lockproof {

struct Row {
  std::uint64_t seq = 0;  // of the event, or of the step
  Life column = kHarness;
  std::string text;
  bool marked = false;       // one of the events that break the promise
  std::size_t left_out = 0;  // > 0: stands for that many rows
};

// A row a step: the call, or what was done to the process, with what was said and what the finding
// names. The number of a row is that of the choice in the schedule.
std::vector<Row> rows_of_steps(const Finding& finding, const History& history,
                               const std::vector<RunStep>& run, const Cast& cast);

}  // namespace lockproof
