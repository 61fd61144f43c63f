// SPDX-License-Identifier: Apache-2.0
#include "cli/live_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/layout.h"

namespace lockproof {
namespace {

constexpr double kSpeedOver = 5;  // seconds

// Speeds are not known to more than three figures.
std::string rounded(double number) {
  auto value = static_cast<std::uint64_t>(std::max(number, 0.0));
  std::uint64_t unit = 1;
  while (value / unit >= 1000) unit *= 10;
  return grouped(value / unit * unit);
}

}  // namespace

// States expanded in a second, lately.
double LiveView::speed(const SearchProgress& progress) {
  looks_.push_back({progress.seconds, progress.states - progress.waiting});
  while (looks_.size() > 2 && progress.seconds - looks_[1].seconds >= kSpeedOver) {
    looks_.pop_front();
  }
  const double seconds = looks_.back().seconds - looks_.front().seconds;
  if (seconds <= 0) return 0;
  return static_cast<double>(looks_.back().expanded - looks_.front().expanded) / seconds;
}

std::string LiveView::line(const SearchProgress& progress) {
  if (progress.states < states_) *this = LiveView(scenario_);
  states_ = progress.states;
  if (levels_.empty() || levels_.back().depth != progress.depth) {
    levels_.push_back({progress.depth, progress.waiting});
  }
  const double lately = speed(progress);
  const std::string rest = in_words(outlook(levels_, progress.waiting), lately);
  return fmt::format("{}: {} states, {}/s, depth {}{}{}, {} MiB", scenario_,
                     grouped(progress.states), rounded(lately), progress.depth,
                     rest.empty() ? "" : ", ", rest, progress.bytes >> 20);
}

std::string LiveView::line(const RunsProgress& progress) const {
  const double seconds = std::max(progress.seconds, 0.001);
  const std::string speed = rounded(static_cast<double>(progress.executions) / seconds);
  const std::string runs =
      fmt::format("{}: {} runs, {}/s", scenario_, grouped(progress.executions), speed);
  if (progress.questions == 0)
    return fmt::format("{}, {} steps", runs, grouped(progress.transitions));
  return fmt::format("{}, {} % of {} questions", runs, progress.asked * 100 / progress.questions,
                     grouped(progress.questions));
}

std::string LiveView::line(const LearningProgress& progress) const {
  return fmt::format("{}: learning, {} nodes", scenario_, grouped(progress.nodes));
}

}  // namespace lockproof
