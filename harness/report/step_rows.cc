// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "report/rows.h"

namespace lockproof {
namespace {

bool is_said(Kind kind) {
  return kind == Kind::kClaim || kind == Kind::kBusy || kind == Kind::kOwns ||
         kind == Kind::kGivesUp || kind == Kind::kReleased || kind == Kind::kFailed;
}

bool is_act(const Event& event) {
  return (event.kind == Kind::kCall && event.phase == Phase::kPoint) || event.kind == Kind::kFault;
}

class Step {
 public:
  Step(std::uint64_t number, Life life, const Cast& cast)
      : row_{number, life, "", false, 0, 0}, cast_(cast) {}

  void see(const Event& event, bool marked) {
    row_.marked = row_.marked || marked;
    if (is_act(event)) {
      if (!acted_) add(in_words(event, cast_));  // a reboot kills many, and is one act
      acted_ = true;
    } else if (event.kind == Kind::kTick) {
      clock_ = in_words(event, cast_);
    } else if (is_said(event.kind) || (marked && event.kind != Kind::kQuiet)) {
      const bool others = event.life != row_.column && event.life != kHarness;
      add((others ? cast_.in_words(event.life) + " " : "") + in_words(event, cast_));
    }
  }

  // Steps without an event of their own: the clock, and those in which a process dies.
  Row take() {
    if (acted_) return std::move(row_);
    if (row_.column != kHarness) {
      add("goes on dying");
    } else {
      add(clock_.empty() ? "the clock goes on" : clock_);
    }
    return std::move(row_);
  }

 private:
  void add(const std::string& text) { row_.text += (row_.text.empty() ? "" : "; ") + text; }

  Row row_;
  const Cast& cast_;
  bool acted_ = false;
  std::string clock_;
};

}  // namespace

std::vector<Row> rows_of_steps(const Finding& finding, const History& history,
                               const std::vector<RunStep>& run, const Cast& cast) {
  std::vector<Row> rows;
  auto event = history.events.begin();
  for (const RunStep& taken : run) {
    Step step(rows.size() + 1, taken.life, cast);
    for (; event != history.events.end() && event->seq <= taken.last; ++event) {
      const bool marked = std::any_of(finding.events.begin(), finding.events.end(),
                                      [&](const Event& one) { return one.seq == event->seq; });
      step.see(*event, marked);
    }
    rows.push_back(step.take());
    rows.back().last = taken.last;
  }
  return rows;
}

}  // namespace lockproof
