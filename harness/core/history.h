// SPDX-License-Identifier: Apache-2.0
// A history: the events of one run, in order, with a header that says where they come from.
//
// As text it is JSON Lines, described in docs/HISTORY.md: the header first, then one event a line.
// Readers ignore members that they do not know; a writer that changes the meaning of one raises
// kHistorySchema.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/result.h"

namespace lockproof {

inline constexpr int kHistorySchema = 1;

struct History {
  std::string scenario;
  std::string subject;
  std::string world;     // sim, live or stress
  bool excerpt = false;  // events are missing before the first one
  std::vector<Event> events;
};

// Writes the whole history, as plain ASCII. A `detail` keeps its first kDetailBytes bytes, and what
// in it is not UTF-8 is written as \xNN (for good: reading does not undo it). Fails if the stream
// does.
Result<> write_history(const History& history, std::ostream& out);

// Reads one; `where` names the source in errors ("FILE:LINE: what was expected"). Bounds: 1 MiB a
// line, nesting as flat as events are. Order is checked: seq must increase.
Result<History> read_history(std::istream& in, const std::string& where);

}  // namespace lockproof
