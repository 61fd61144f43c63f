// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/text.h"
#include "report/course.h"
#include "report/layout.h"
#include "report/report.h"

namespace lockproof {
namespace {

constexpr int kIndent = 7;
constexpr std::size_t kTextShown = 1000;

std::string names(const std::vector<Life>& lives, const Cast& cast) {
  std::string text;
  for (Life life : lives) text += (text.empty() ? "" : ", ") + cast.in_words(life);
  return text.empty() ? "nobody" : text;
}

class Explanation {
 public:
  Explanation(const RunResult& result, int columns)
      : result_(result), course_(course_of(result)), columns_(columns) {}

  std::string take() {
    line(0, result_.findings.empty()
                ? fmt::format("{}: {}", name(result_.verdict), escape(result_.scenario, kTextShown))
                : escape(result_.findings.front().sentence, kTextShown) + ": broken");
    if (course_.moments.empty()) {
      line(kIndent, "no run was kept, so there are no steps to explain");
      if (!result_.reason.empty()) line(kIndent, escape(result_.reason, kTextShown));
      return harmless_lines(text_);
    }
    for (std::size_t i = 0; i < course_.moments.size(); ++i) add(i);
    add_end();
    return harmless_lines(text_);
  }

 private:
  void line(int indent, const std::string& text, const std::string& before = "") {
    std::string left = before;
    for (const std::string& part : wrap(text, std::max(columns_ - indent, 20))) {
      text_ += padded(left, indent) + part + '\n';
      left.clear();
    }
  }

  std::string who(const Moment& moment) const {
    return moment.row.column == kHarness ? "" : course_.cast.in_words(moment.row.column) + ": ";
  }
  std::string after_step(std::uint64_t number) const {
    const Life life = course_.moments[number - 1].row.column;
    return fmt::format("after step {}{}, with which its order counts", number,
                       life == kHarness ? "" : " of " + course_.cast.in_words(life));
  }

  void add(std::size_t i) {
    const Moment& moment = course_.moments[i];
    line(kIndent, who(moment) + moment.row.text + (moment.row.marked ? "  <-" : ""),
         fmt::format("{:>5}", grouped(moment.row.seq)));
    const std::uint64_t after = course_.steps ? result_.run[i].after : 0;
    if (after != 0 && after <= i) line(kIndent + 2, after_step(after));
    const bool same = i > 0 && course_.moments[i - 1].owners == moment.owners &&
                      course_.moments[i - 1].holders == moment.holders &&
                      course_.moments[i - 1].record == moment.record;
    if (same) return;
    std::string now = "now: " + names(moment.owners, course_.cast) +
                      (moment.owners.size() > 1 ? " own" : " owns");
    if (!moment.holders.empty()) now += "; locks: " + names(moment.holders, course_.cast);
    if (!moment.record.empty()) now += "; record: " + moment.record;
    line(kIndent + 2, now);
  }

  void add_end() {
    text_ += '\n';
    if (!result_.findings.empty())
      line(kIndent, escape(result_.findings.front().why, kTextShown), "why");
    if (result_.pair != 0 && result_.pair < course_.moments.size()) {
      const Moment& first = course_.moments[result_.pair - 1];
      const Moment& second = course_.moments[result_.pair];
      std::string text = fmt::format("steps {} and {} decide. In the other order ", result_.pair,
                                     result_.pair + 1);
      if (result_.swapped.size() == 2) {
        text += fmt::format("{}{}; then {}{}; and the promise is kept", who(second),
                            escape(result_.swapped[0], kTextShown), who(first),
                            escape(result_.swapped[1], kTextShown));
      } else {
        text += "the promise is kept";
      }
      line(kIndent, text, "pair");
    }
    if (!result_.replay.empty())
      text_ += padded("replay", kIndent) + command_line(result_.replay) + '\n';
  }

  const RunResult& result_;
  const Course course_;
  const int columns_;
  std::string text_;
};

}  // namespace

std::string explanation(const RunResult& result, int columns) {
  return Explanation(result, columns).take();
}

}  // namespace lockproof
