// SPDX-License-Identifier: Apache-2.0
#include "report/overview.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"

namespace lockproof {
namespace {

constexpr double kWidth = 1000;
constexpr double kLeft = 130;  // for the names
constexpr double kMark = 4;    // the radius of what breaks the promise
constexpr double kWidestRow = 45;
constexpr double kLane = 22;

double row_width(std::size_t rows) {
  return std::min(kWidestRow,
                  (kWidth - kLeft - kMark) / static_cast<double>(std::max<std::size_t>(rows, 1)));
}

bool has(const std::vector<Life>& lives, Life life) {
  return std::find(lives.begin(), lives.end(), life) != lives.end();
}

class Picture {
 public:
  Picture(const Course& course, const std::string& prefix)
      : course_(course), prefix_(prefix), rows_(course.moments.size()), dx_(row_width(rows_)) {}

  void add_lane(std::size_t lane) {
    const Life life = course_.cast.lives()[lane];
    const double y = top(lane);
    add(R"(<text x="0" y="{:.1f}">{}</text>)", y + 14, html(course_.cast.title(life)));
    add(R"(<line class="base" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>)", kLeft, y + kLane, kWidth,
        y + kLane);
    add_bars("own", &Moment::owners, life, y + 3, 7);
    add_bars("lock", &Moment::holders, life, y + 12, 3);
    for (std::size_t i = 0; i < rows_; ++i) {
      if (course_.moments[i].row.column == life) add_act(i, y + 18);
    }
  }

  // A frame around two rows.
  void add_pair(std::uint64_t first) {
    if (first == 0 || first >= rows_) return;
    add(R"(<rect class="pair" x="{:.1f}" y="1" width="{:.1f}" height="{:.1f}"/>)",
        at(first - 1) - dx_ / 2, 2 * dx_, height() - 2);
  }

  std::string take() {
    add(R"(<line class="cursor" x1="0" y1="0" x2="0" y2="{:.1f}"/>)", height());
    return fmt::format(
        "<svg viewBox=\"0 0 {} {:.0f}\" aria-hidden=\"true\" focusable=\"false\">\n{}</svg>\n",
        kWidth, height(), text_);
  }

 private:
  template <class... Values>
  void add(fmt::format_string<const Values&...> format, const Values&... values) {
    text_ += fmt::format(format, values...) + '\n';
  }

  double at(std::size_t row) const { return overview_x(row, rows_); }
  static double top(std::size_t lane) { return kLane * static_cast<double>(lane); }
  double height() const { return top(course_.cast.lives().size()) + 2; }

  // From the row after which it is so to the one after which it is not.
  void add_bars(const char* name, std::vector<Life> Moment::*who, Life life, double y,
                double thick) {
    for (std::size_t i = 0; i < rows_; ++i) {
      if (!has(course_.moments[i].*who, life)) continue;
      std::size_t end = i;
      while (end < rows_ && has(course_.moments[end].*who, life)) ++end;
      const double to = end == rows_ ? at(rows_ - 1) + dx_ / 2 : at(end);
      add(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}"/>)", name, at(i), y,
          to - at(i), thick);
      i = end;
    }
  }

  void add_act(std::size_t i, double y) {
    const Moment& moment = course_.moments[i];
    if (!moment.row.marked && !moment.fault) {
      const double wide = std::min(2.0, dx_ / 2);
      add(R"(<rect class="act" x="{:.1f}" y="{:.1f}" width="{:.2f}" height="4"/>)",
          at(i) - wide / 2, y - 2, wide);
      return;
    }
    const char* name = moment.row.marked ? "mark" : "fault";
    add(R"(<a href="#{}{}" tabindex="-1"><title>{}</title><circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}"/></a>)",
        prefix_, moment.row.seq, html(moment.row.text), name, at(i), y - 1, kMark);
  }

  const Course& course_;
  const std::string& prefix_;
  const std::size_t rows_;
  const double dx_;
  std::string text_;
};

}  // namespace

double overview_x(std::size_t index, std::size_t rows) {
  return kLeft + row_width(rows) * (static_cast<double>(index) + 0.5);
}

std::string overview(const Course& course, std::uint64_t pair, const std::string& prefix) {
  Picture picture(course, prefix);
  for (std::size_t lane = 0; lane < course.cast.lives().size(); ++lane) picture.add_lane(lane);
  picture.add_pair(pair);
  return picture.take();
}

}  // namespace lockproof
