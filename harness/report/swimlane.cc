// SPDX-License-Identifier: Apache-2.0
#include "report/swimlane.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/layout.h"
#include "report/rows.h"

namespace lockproof {
namespace {

constexpr int kNarrowest = 14;   // a column in which most acts fit on one line
constexpr int kGap = 2;          // between columns
constexpr int kMarkColumns = 3;  // " <-"
constexpr std::size_t kFindingRows = 100;
constexpr std::size_t kStepsShown = 200;  // of a run of which every call is known

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
    Row row{shown[i].event.seq, cast.column(shown[i].event), in_words(shown[i].event, cast),
            shown[i].marked, 0};
    if (i + 1 < shown.size() && completes(shown[i + 1].event, shown[i].event)) {
      ++i;
      row.seq = shown[i].event.seq;
      row.text = act_in_words(shown[i].event, cast);
      row.marked = row.marked || shown[i].marked;
    }
    const bool again = !rows.empty() && !row.marked && !rows.back().marked &&
                       rows.back().column == row.column && repeated == row.text;
    if (again) {
      rows.back().text = fmt::format("{} (x{})", repeated, ++repeats);
      continue;
    }
    repeats = 1;
    repeated = row.text;
    rows.push_back(std::move(row));
  }
  return rows;
}

// Keeps the marked rows and those nearest to them. A stretch of one is shown, because the row that
// says so would be as long.
std::vector<Row> capped(const std::vector<Row>& rows) {
  std::vector<bool> keep(rows.size(), false);
  std::size_t kept = 0;
  for (std::size_t i = rows.size(); i-- > 0 && kept < kFindingRows;) {
    if (rows[i].marked) keep[i] = true, ++kept;
  }
  for (std::size_t distance = 1; distance < rows.size() && kept < kRowsShown; ++distance) {
    for (std::size_t i = rows.size(); i-- > 0 && kept < kRowsShown;) {
      const bool near = !keep[i] && ((i >= distance && rows[i - distance].marked) ||
                                     (i + distance < rows.size() && rows[i + distance].marked));
      if (near) keep[i] = true, ++kept;
    }
  }
  std::vector<Row> result;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i;
    while (end < rows.size() && !keep[end]) ++end;
    if (end - i > 1) {
      result.push_back({0, kHarness, "", false, end - i});
      i = end;
    } else {
      result.push_back(rows[i++]);
    }
  }
  return result;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

class Table {
 public:
  Table(const Cast& cast, const std::vector<Row>& rows, int columns)
      : cast_(cast), number_(5), columns_(columns) {
    for (const Row& row : rows) {
      number_ = std::max(number_, static_cast<int>(grouped(row.seq).size()));
    }
    const int lanes = static_cast<int>(cast.lives().size());
    const int room = columns - 1 - number_ - kMarkColumns;
    lane_ = std::min(36, room / std::max(lanes, 1) - kGap);
  }

  bool fits() const { return lane_ >= kNarrowest; }

  void add_header(const std::string& number) {
    std::vector<std::vector<std::string>> cells;
    for (Life life : cast_.lives()) cells.push_back(wrap(cast_.title(life), lane_));
    add(number, cells, false);
  }

  void add_row(const Row& row) {
    if (row.left_out > 0) return add_left_out(row.left_out);
    if (!cast_.has(row.column)) return add_item(row);
    std::vector<std::vector<std::string>> cells(cast_.lives().size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cast_.lives()[i] == row.column) cells[i] = wrap(row.text, lane_);
    }
    add(grouped(row.seq), cells, row.marked);
  }

  // The same as a list: who stands before what.
  void add_item(const Row& row) {
    if (row.left_out > 0) return add_left_out(row.left_out);
    const int lane = lane_;
    constexpr int kWho = 24;
    const int room = std::max(kNarrowest, columns_ - 1 - number_ - 2 * kGap - kWho - kMarkColumns);
    lane_ = room;
    std::vector<std::vector<std::string>> cells = {wrap(row.text, room)};
    const auto who = padded(wrap(cast_.title(row.column), kWho)[0], kWho);
    for (std::string& line : cells[0]) {
      line.insert(0, (&line == cells[0].data() ? who : std::string(kWho, ' ')) + "  ");
    }
    lane_ = room + kWho + kGap;
    add(grouped(row.seq), cells, row.marked);
    lane_ = lane;
  }

  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void add_left_out(std::size_t count) {
    lines_.push_back(fmt::format(" {:>{}}  {} left out", "...", number_, counted(count, "events")));
  }

  void add(const std::string& number, const std::vector<std::vector<std::string>>& cells,
           bool marked) {
    std::size_t height = 1;
    for (const auto& cell : cells) height = std::max(height, cell.size());
    for (std::size_t k = 0; k < height; ++k) {
      std::string line = fmt::format(" {:>{}}", k == 0 ? number : "", number_);
      for (const auto& cell : cells) {
        line += std::string(kGap, ' ') + padded(k < cell.size() ? cell[k] : "", lane_);
      }
      lines_.push_back(trimmed(line + (marked && k == 0 ? " <-" : "")));
    }
  }

  const Cast& cast_;
  int number_;
  int columns_;
  int lane_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> swimlane(const Finding& finding, const History& history,
                                  const std::vector<RunStep>& run, int columns) {
  const bool steps = !run.empty();
  const Cast cast = steps ? Cast::of_run(finding, history, run) : Cast(finding, history);
  std::vector<Row> rows = steps ? rows_of_steps(finding, history, run, cast)
                                : rows_of(relevant(finding, history, cast), cast);
  if (!steps || rows.size() > kStepsShown) rows = capped(rows);
  if (rows.empty()) return {};
  Table table(cast, rows, columns);
  const bool fits = table.fits();
  if (fits) table.add_header(steps ? "step" : "event");
  for (const Row& row : rows) fits ? table.add_row(row) : table.add_item(row);
  return table.take();
}

}  // namespace lockproof
