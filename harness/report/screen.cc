// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/text.h"
#include "report/layout.h"
#include "report/report.h"
#include "report/swimlane.h"
#include "report/wording.h"

namespace lockproof {
namespace {

constexpr std::size_t kSentenceShown = 1000;
constexpr int kLabelColumns = 10;
constexpr int kNarrowestScreen = 40;

constexpr std::string_view kPlain = "\x1b[0m";
constexpr std::string_view kBold = "\x1b[1m";

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
      return "\x1b[1;32m";
    case Verdict::kViolated:
      return "\x1b[1;31m";
    case Verdict::kInconclusive:
    case Verdict::kSkipped:
      return "\x1b[1;33m";
  }
  return kBold;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::string shown(std::string_view sentence) { return escape(sentence, kSentenceShown); }

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

// Lines under a label, and the verdict above them.
class Page {
 public:
  explicit Page(const ScreenStyle& style)
      : columns_(std::max(style.columns, kNarrowestScreen)), colour_(style.colour) {}

  // `known`: in the colour of what is not settled.
  void headline(Verdict verdict, bool known, const std::string& text) {
    const std::string word = upper(name(verdict));
    const int indent = static_cast<int>(word.size()) + 2;
    const auto lines = wrap(text, columns_ - indent);
    text_ += colour_ ? fmt::format("{}{}{}", colour_of(known ? Verdict::kInconclusive : verdict),
                                   word, kPlain)
                     : word;
    for (const std::string& line : lines) {
      if (line.empty()) continue;
      text_ += &line == lines.data() ? "  " : std::string(static_cast<std::size_t>(indent), ' ');
      text_ += line;
      text_ += '\n';
    }
    if (text.empty()) text_ += '\n';
  }

  void field(std::string_view label, const std::string& value) {
    if (value.empty()) return;
    const auto lines = wrap(value, columns_ - kLabelColumns - 1);
    for (const std::string& line : lines) {
      const std::string_view left = &line == lines.data() ? label : "";
      text_ += fmt::format(" {:<{}}{}\n", left, kLabelColumns, line);
    }
  }

  // One line, however long: it is there to be copied.
  void command(std::string_view label, const std::string& value) {
    if (value.empty()) return;
    text_ += fmt::format(" {:<{}}{}{}{}\n", label, kLabelColumns, colour_ ? kBold : "", value,
                         colour_ ? kPlain : "");
  }

  void lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text_ += line + '\n';
  }

  int columns() const { return columns_; }
  std::string take() { return harmless_lines(text_); }

 private:
  int columns_;
  bool colour_;
  std::string text_;
};

// A promise in words, or its name where a finding came without one.
std::string promise(const Finding& finding) {
  return shown(finding.sentence.empty() ? finding.invariant : finding.sentence);
}

// What was run and how hard. A stress run says that it shows nothing about what did not run.
std::string what_was_tried(const RunResult& result) {
  std::string seed;
  const bool drawn = result.world == "stress" && result.strategy != kRecordedHistory;
  if (drawn || result.seed != 0) seed = fmt::format("seed {}", result.seed);
  return joined({shown(result.bounds), seed}, "; ");
}

std::string scenario_in_words(const RunResult& result) {
  const std::string subject =
      result.subject.empty() ? "" : fmt::format("subject {}", shown(result.subject));
  return joined({shown(result.scenario), subject, shown(result.world)}, ", ");
}

std::string counts_in_words(const RunResult& result) {
  std::vector<std::string> counts;
  for (const auto& [key, value] : result.counts) counts.push_back(counted(value, shown(key)));
  const auto judged = counted(result.invariants.size(), "invariants");
  return joined({joined(counts, ", "), judged, seconds_text(result.seconds)}, "; ");
}

std::string mutants_in_words(const RunResult& result) {
  if (result.mutants.empty()) return "";
  const auto caught = std::count_if(result.mutants.begin(), result.mutants.end(),
                                    [](const MutantResult& mutant) { return mutant.caught; });
  const auto confirmed = std::count_if(
      result.mutants.begin(), result.mutants.end(),
      [](const MutantResult& mutant) { return mutant.on_linux.confirmed == std::optional(true); });
  const std::string on_linux = confirmed == 0 ? "" : fmt::format(", {} on Linux, too", confirmed);
  return fmt::format("{} of {} caught{}", caught, result.mutants.size(), on_linux);
}

void add_mutants(const RunResult& result, Page& page) {
  page.field("mutants", mutants_in_words(result));
  for (const MutantResult& mutant : result.mutants) {
    if (mutant.caught) continue;
    page.field("", fmt::format("NOT CAUGHT: {} (expected by {})", shown(mutant.name),
                               shown(mutant.invariant)));
  }
}

void add_table(const Finding& finding, const RunResult& result, Page& page) {
  const auto table = swimlane(finding, result.history, result.run, page.columns());
  if (table.empty()) return;
  page.lines({""});
  page.lines(table);
  page.lines({""});
}

void add_findings(const RunResult& result, Page& page) {
  const Finding& first = result.findings.front();
  add_table(first, result, page);
  page.field("why", shown(first.why));
  if (result.pair != 0) {
    page.field("pair", fmt::format("steps {} and {}: in the other order the promise is kept",
                                   grouped(result.pair), grouped(result.pair + 1)));
  }
}

// How long the run is that is shown, and what is known about shorter ones.
std::string run_in_words(const RunResult& result) {
  if (result.steps == 0) return "";
  const std::string steps = counted(result.steps, "steps");
  if (result.shortest) return steps + "; no run with fewer breaks a promise";
  if (result.round != 0) {
    return fmt::format("{}; the last {} can go on for ever", steps, grouped(result.round));
  }
  return result.strategy == "replay" ? steps : steps + "; none of them can be left out";
}

// What was exhausted, whole in one place: it can be quoted.
std::string certificate(const RunResult& result) {
  const std::string counts =
      result.counts.empty() ? "" : counted(result.counts[0].second, shown(result.counts[0].first));
  const std::string mutants =
      result.mutants.empty() ? "no mutant was tried" : "mutants: " + mutants_in_words(result);
  const std::string version =
      result.version.empty() ? "" : fmt::format("lockproof {}", shown(result.version));
  return joined(
      {shown(result.bounds), joined({shown(result.exhausted), counts}, ": "), mutants, version},
      "; ");
}

void add_other_findings(const RunResult& result, Page& page) {
  for (std::size_t i = 1; i < result.findings.size(); ++i) {
    const Finding& finding = result.findings[i];
    const std::string why = finding.why.empty() ? "" : ": " + shown(finding.why);
    page.field("also", promise(finding) + why);
  }
}

std::string headline_of(const RunResult& result) {
  if (!result.findings.empty()) return promise(result.findings.front());
  const std::string scenario = shown(result.scenario);
  if (result.verdict != Verdict::kHolds) return scenario;
  if (result.world != "stress") {
    return fmt::format("{} ({})", scenario,
                       joined({shown(result.world), shown(result.strategy)}, ", "));
  }
  return scenario + " (stress: no violation seen in what ran; not a proof)";
}

}  // namespace

std::string screen(const RunResult& result, const ScreenStyle& style) {
  Page page(style);
  page.headline(result.verdict, !result.known.empty(), headline_of(result));
  page.field("known", shown(result.known));
  if (!result.findings.empty()) {
    const Finding& first = result.findings.front();
    const bool safety = first.finding_class == FindingClass::kSafety;
    page.field("invariant", joined({shown(first.invariant),
                                    safety ? "" : std::string(name(first.finding_class))},
                                   ", "));
    page.field("scenario", scenario_in_words(result));
  }
  page.field("reason", result.findings.empty() ? shown(with_code(result.reason)) : "");
  const bool ran =
      result.verdict != Verdict::kSkipped && (!result.bounds.empty() || !result.counts.empty());
  const bool certified = result.verdict == Verdict::kHolds && !result.exhausted.empty();
  page.field("tried", ran && !certified ? what_was_tried(result) : "");
  page.field("shown", certified ? certificate(result) : "");
  page.field("run", run_in_words(result));
  const std::string counts = counts_in_words(result);
  if (result.findings.empty()) {
    add_table(Finding{}, result, page);
    page.field("counts", ran ? counts : "");
    page.command("replay", command_line(result.replay));
  } else {
    add_findings(result, page);
    page.command("replay", command_line(result.replay));
    page.field("counts", counts);
    add_other_findings(result, page);
  }
  if (!certified) add_mutants(result, page);
  for (const std::string& note : result.notes) page.field("note", shown(note));
  return page.take();
}

std::string summary(const std::vector<RunResult>& results) {
  const auto number_of = [&](auto wanted) {
    return static_cast<std::size_t>(std::count_if(results.begin(), results.end(), wanted));
  };
  std::vector<std::string> parts;
  const auto held = [](const RunResult& r) { return r.verdict == Verdict::kHolds; };
  const auto seen = number_of([&](const auto& r) { return held(r) && r.world == "stress"; });
  const auto holds = number_of(held) - seen;
  if (holds > 0)
    parts.push_back(fmt::format("{} {}", grouped(holds), holds == 1 ? "holds" : "hold"));
  // Many runs without a violation are not a proof, so they are not counted as one.
  if (seen > 0) parts.push_back(fmt::format("{} saw no violation", grouped(seen)));
  for (Verdict verdict : {Verdict::kViolated, Verdict::kInconclusive, Verdict::kSkipped}) {
    const auto number = number_of([&](const RunResult& r) { return r.verdict == verdict; });
    if (number > 0) parts.push_back(fmt::format("{} {}", grouped(number), name(verdict)));
  }
  const auto known = number_of([](const RunResult& r) { return !r.known.empty(); });
  if (known > 0) parts.push_back(fmt::format("{} of them known", grouped(known)));
  return fmt::format("{}: {}\n", counted(results.size(), "scenarios"),
                     parts.empty() ? "nothing ran" : joined(parts, ", "));
}

}  // namespace lockproof
