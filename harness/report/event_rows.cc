// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "report/rows.h"

namespace lockproof {
namespace {

bool completes(const Event& end, const Event& begin) {
  return begin.phase == Phase::kBegin && end.phase == Phase::kEnd && begin.life == end.life &&
         begin.kind == end.kind && begin.object == end.object && begin.target == end.target;
}

struct Shown {
  Event event;
  bool marked = false;
};

// The finding's events and, between the first and the last of them, all else that its processes
// did or suffered.
std::vector<Shown> relevant(const Finding& finding, const History& history, const Cast& cast) {
  std::vector<Shown> shown;
  for (const Event& event : finding.events) shown.push_back({event, true});
  if (shown.empty()) return shown;
  const auto by_seq = [](const Shown& a, const Shown& b) { return a.event.seq < b.event.seq; };
  std::stable_sort(shown.begin(), shown.end(), by_seq);
  const std::uint64_t first = shown.front().event.seq;
  const std::uint64_t last = shown.back().event.seq;
  const std::vector<Shown> marked = shown;
  for (const Event& event : history.events) {
    if (event.seq <= first || event.seq >= last || !cast.has(cast.column(event))) continue;
    if (event.kind == Kind::kTick) continue;
    if (!std::binary_search(marked.begin(), marked.end(), Shown{event, false}, by_seq)) {
      shown.push_back({event, false});
    }
  }
  std::stable_sort(shown.begin(), shown.end(), by_seq);
  return shown;
}

// One row an event; a begin with its end right behind it is one row, and so is the same again.
std::vector<Row> rows_of(const std::vector<Shown>& shown, const Cast& cast) {
  std::vector<Row> rows;
  std::size_t repeats = 1;
  std::string repeated;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    Row row{shown[i].event.seq,
            cast.column(shown[i].event),
            in_words(shown[i].event, cast),
            shown[i].marked,
            0,
            shown[i].event.seq};
    if (i + 1 < shown.size() && completes(shown[i + 1].event, shown[i].event)) {
      ++i;
      row.seq = row.last = shown[i].event.seq;
      row.text = act_in_words(shown[i].event, cast);
      row.marked = row.marked || shown[i].marked;
    }
    const bool again = !rows.empty() && !row.marked && !rows.back().marked &&
                       rows.back().column == row.column && repeated == row.text;
    if (again) {
      rows.back().text = fmt::format("{} (x{})", repeated, ++repeats);
      rows.back().last = row.last;
      continue;
    }
    repeats = 1;
    repeated = row.text;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<Row> rows_of_events(const Finding& finding, const History& history, const Cast& cast) {
  return rows_of(relevant(finding, history, cast), cast);
}

std::vector<Row> rows_of_all_events(const Finding& finding, const History& history,
                                    const Cast& cast) {
  std::vector<Shown> shown;
  for (const Event& event : history.events) {
    const bool marked = std::any_of(finding.events.begin(), finding.events.end(),
                                    [&](const Event& one) { return one.seq == event.seq; });
    shown.push_back({event, marked});
  }
  return rows_of(shown, cast);
}

}  // namespace lockproof
