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
  std::uint64_t last = 0;    // the `seq` of the last event that it stands for
  std::string held{};        // a character a process of the cast: what it has after it; or empty
};

// A row a step: the call, or what was done to the process, with what was said and what the finding
// names. The number of a row is that of the choice in the schedule.
std::vector<Row> rows_of_steps(const Finding& finding, const History& history,
                               const std::vector<RunStep>& run, const Cast& cast);

// A row an event of the finding and, between the first and the last of them, of what else its
// processes did or suffered. A begin with its end right behind it is one row, and so is the same
// again. `seq` is the event's.
std::vector<Row> rows_of_events(const Finding& finding, const History& history, const Cast& cast);
// The same of all events that were kept, whoever did them.
std::vector<Row> rows_of_all_events(const Finding& finding, const History& history,
                                    const Cast& cast);

}  // namespace lockproof
