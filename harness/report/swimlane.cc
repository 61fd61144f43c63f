// SPDX-License-Identifier: Apache-2.0
#include "report/swimlane.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/course.h"
#include "report/layout.h"
#include "report/rows.h"

namespace lockproof {
namespace {

constexpr int kNarrowest = 14;   // a column in which most acts fit on one line
constexpr int kGap = 2;          // between columns; and one more, where it says what a process has
constexpr int kMarkColumns = 3;  // " <-"
constexpr std::size_t kFindingRows = 100;
constexpr std::size_t kStepsShown = 200;  // of a run of which every call is known

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
      result.push_back({0, kHarness, "", false, end - i, 0, ""});
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

// The rows of a run of steps, with what each process has after them.
std::vector<Row> with_what_they_have(std::vector<Row> rows, const History& history,
                                     const Cast& cast) {
  std::vector<Row> result;
  for (Moment& moment : moments_of(std::move(rows), history, cast)) {
    const auto among = [](const std::vector<Life>& lives, Life life) {
      return std::find(lives.begin(), lives.end(), life) != lives.end();
    };
    for (Life life : cast.lives()) {
      const bool owns = among(moment.owners, life);
      const bool locks = among(moment.holders, life);
      moment.row.held += owns && locks ? '#' : owns ? '*' : locks ? '+' : ' ';
    }
    result.push_back(std::move(moment.row));
  }
  return result;
}

// Of the marks that stand in `rows`.
std::string legend(const std::vector<Row>& rows) {
  std::string text;
  const auto add = [&](char mark, const char* meaning) {
    const bool stands = std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
      return row.held.find(mark) != std::string::npos;
    });
    if (stands) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", mark, meaning);
  };
  add('*', "owns");
  add('+', "has a lock");
  add('#', "owns and has a lock");
  return text;
}

class Table {
 public:
  Table(const Cast& cast, const std::vector<Row>& rows, int columns)
      : cast_(cast), number_(5), columns_(columns) {
    std::size_t longest = kNarrowest;
    for (const Row& row : rows) {
      number_ = std::max(number_, static_cast<int>(grouped(row.seq).size()));
      longest = std::max(longest, width(row.text));
    }
    for (Life life : cast.lives()) longest = std::max(longest, width(cast.title(life)));
    gap_ = kGap + (legend(rows).empty() ? 0 : 1);
    const int lanes = static_cast<int>(cast.lives().size());
    const int room = columns - 1 - number_ - kMarkColumns;
    lane_ = std::min(static_cast<int>(longest), room / std::max(lanes, 1) - gap_);
  }

  bool fits() const { return lane_ >= kNarrowest; }

  void add_header(const std::string& number) {
    std::vector<std::vector<std::string>> cells;
    for (Life life : cast_.lives()) cells.push_back(wrap(cast_.title(life), lane_));
    add(number, cells, "", false);
  }

  void add_legend(const std::string& text) {
    for (const std::string& line : wrap(text, columns_ - 1 - number_ - gap_)) {
      lines_.push_back(std::string(static_cast<std::size_t>(1 + number_ + gap_), ' ') + line);
    }
  }

  void add_row(const Row& row) {
    if (row.left_out > 0) return add_left_out(row.left_out);
    if (!cast_.has(row.column)) return add_item(row);
    std::vector<std::vector<std::string>> cells(cast_.lives().size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cast_.lives()[i] == row.column) cells[i] = wrap(row.text, lane_);
    }
    add(grouped(row.seq), cells, row.held, row.marked);
  }

  // The same as a list: who stands before what.
  void add_item(const Row& row) {
    if (row.left_out > 0) return add_left_out(row.left_out);
    const int lane = lane_;
    constexpr int kWho = 24;
    const int room =
        std::max(kNarrowest, columns_ - 1 - number_ - gap_ - kGap - kWho - kMarkColumns);
    lane_ = room;
    std::vector<std::vector<std::string>> cells = {wrap(row.text, room)};
    const auto who = padded(wrap(cast_.title(row.column), kWho)[0], kWho);
    for (std::string& line : cells[0]) {
      line.insert(0, (&line == cells[0].data() ? who : std::string(kWho, ' ')) + "  ");
    }
    lane_ = room + kWho + kGap;
    add(grouped(row.seq), cells, "", row.marked);
    lane_ = lane;
  }

  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void add_left_out(std::size_t count) {
    lines_.push_back(fmt::format(" {:>{}}  {} left out", "...", number_, counted(count, "events")));
  }

  void add(const std::string& number, const std::vector<std::vector<std::string>>& cells,
           const std::string& held, bool marked) {
    std::size_t height = 1;
    for (const auto& cell : cells) height = std::max(height, cell.size());
    for (std::size_t k = 0; k < height; ++k) {
      std::string line = fmt::format(" {:>{}}", k == 0 ? number : "", number_);
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const char has = i < held.size() ? held[i] : ' ';
        line += padded(std::string(gap_ - kGap, ' ') + has, gap_) +
                padded(k < cells[i].size() ? cells[i][k] : "", lane_);
      }
      lines_.push_back(trimmed(line + (marked && k == 0 ? " <-" : "")));
    }
  }

  const Cast& cast_;
  int number_;
  int columns_;
  int gap_ = kGap;
  int lane_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> swimlane(const Finding& finding, const History& history,
                                  const std::vector<RunStep>& run, int columns) {
  const bool steps = !run.empty();
  const Cast cast = steps ? Cast::of_run(finding, history, run) : Cast(finding, history);
  std::vector<Row> rows =
      steps ? rows_of_steps(finding, history, run, cast) : rows_of_events(finding, history, cast);
  if (steps) rows = with_what_they_have(std::move(rows), history, cast);
  if (!steps || rows.size() > kStepsShown) rows = capped(rows);
  if (rows.empty()) return {};
  Table table(cast, rows, columns);
  const bool fits = table.fits();
  if (fits) table.add_header(steps ? "step" : "event");
  for (const Row& row : rows) fits ? table.add_row(row) : table.add_item(row);
  if (const std::string marks = legend(rows); fits && !marks.empty()) table.add_legend(marks);
  return table.take();
}

}  // namespace lockproof
