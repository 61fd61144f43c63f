// SPDX-License-Identifier: Apache-2.0
// The dialect is described in docs/REPORTS.md. What shapes it: GitLab reads only the content of an
// element, never its `message`, and keeps the first of two test cases with one name; Jenkins cuts
// long contents in the middle; so the replay line is the first and the last line of a failure.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/text.h"
#include "report/layout.h"
#include "report/report.h"
#include "report/wording.h"
#include "report/xml.h"

namespace lockproof {
namespace {

constexpr std::size_t kTextShown = 4096;

std::string shown(std::string_view text) { return escape(text, kTextShown); }

// `name`, or `name #2` when it was given before.
std::string unique(std::string name, std::set<std::string>& taken) {
  std::string candidate = name;
  for (int i = 2; !taken.insert(candidate).second; ++i) {
    candidate = fmt::format("{} #{}", name, i);
  }
  return candidate;
}

enum class Outcome { kPassed, kFailed, kError, kSkipped };

struct Case {
  std::string name;
  Outcome outcome = Outcome::kPassed;
  const Finding* finding = nullptr;
};

Outcome outcome_without_finding(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHolds:
    case Verdict::kViolated:  // by another invariant of the same run
      return Outcome::kPassed;
    case Verdict::kInconclusive:
      return Outcome::kError;
    case Verdict::kSkipped:
      return Outcome::kSkipped;
  }
  return Outcome::kError;
}

// One a promise; the scenario itself where there is none.
std::vector<Case> cases_of(const RunResult& result) {
  std::vector<Case> cases;
  std::set<std::string> taken;
  std::set<const Finding*> told;
  for (const std::string& invariant : result.invariants) {
    Case test{unique(shown(invariant), taken), outcome_without_finding(result.verdict), nullptr};
    for (const Finding& finding : result.findings) {
      if (finding.invariant != invariant || !told.insert(&finding).second) continue;
      test.outcome = result.known.empty() ? Outcome::kFailed : Outcome::kSkipped;
      test.finding = &finding;
      break;
    }
    cases.push_back(std::move(test));
  }
  for (const Finding& finding : result.findings) {
    if (told.count(&finding) == 0) {
      cases.push_back({unique(shown(finding.invariant), taken),
                       result.known.empty() ? Outcome::kFailed : Outcome::kSkipped, &finding});
    }
  }
  if (cases.empty()) {
    const bool violated = result.verdict == Verdict::kViolated;
    cases.push_back({unique("scenario", taken),
                     violated ? Outcome::kFailed : outcome_without_finding(result.verdict),
                     nullptr});
  }
  return cases;
}

std::string time_text(double seconds) {
  return fmt::format("{:.3f}", std::isfinite(seconds) && seconds > 0 ? seconds : 0.0);
}

// What the terminal shows, for this finding alone, between two replay lines.
std::string failure_text(const RunResult& result, const Finding* finding) {
  RunResult one = result;
  one.findings.clear();
  if (finding != nullptr) one.findings.push_back(*finding);
  if (finding != result.findings.data()) one.pair = 0;  // it is the first one's
  const std::string replay = "Replay: " + command_line(result.replay);
  const std::string page = screen(one, {80, false});
  return result.replay.empty() ? page : fmt::format("{}\n\n{}\n{}", replay, page, replay);
}

void add_case(const RunResult& result, const std::string& class_name, const Case& test,
              double seconds, Xml& xml) {
  Xml::Attributes attributes = {
      {"classname", class_name}, {"name", test.name}, {"time", time_text(seconds)}};
  if (!result.file.empty()) attributes.emplace_back("file", shown(result.file));
  if (test.finding != nullptr && test.finding->line != 0) {
    attributes.emplace_back("line", std::to_string(test.finding->line));
  }
  if (test.outcome == Outcome::kPassed) return xml.empty("testcase", attributes);
  xml.open("testcase", attributes);
  if (test.outcome == Outcome::kFailed) {
    const Finding* finding = test.finding;
    const std::string message = finding == nullptr ? result.reason : finding->sentence;
    xml.text("failure", {{"message", shown(message)}, {"type", test.name}},
             failure_text(result, finding));
  } else if (test.outcome == Outcome::kError) {
    xml.text("error", {{"message", shown(with_code(result.reason))}, {"type", "inconclusive"}},
             failure_text(result, nullptr));
  } else {
    const std::string why =
        result.known.empty() ? with_code(result.reason) : "known: " + result.known;
    xml.text("skipped", {{"message", shown(why)}}, shown(why));
  }
  xml.close();
}

struct Totals {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
  double seconds = 0;

  void add(const std::vector<Case>& cases, double time) {
    tests += cases.size();
    seconds += std::isfinite(time) ? time : 0;
    for (const Case& test : cases) {
      failures += test.outcome == Outcome::kFailed;
      errors += test.outcome == Outcome::kError;
      skipped += test.outcome == Outcome::kSkipped;
    }
  }
  Xml::Attributes attributes(const std::string& name) const {
    return {{"name", name},
            {"tests", std::to_string(tests)},
            {"failures", std::to_string(failures)},
            {"errors", std::to_string(errors)},
            {"skipped", std::to_string(skipped)},
            {"time", time_text(seconds)}};
  }
};

void add_suite(const RunResult& result, const std::string& name, const std::vector<Case>& cases,
               const std::string& version, Xml& xml) {
  Totals totals;
  totals.add(cases, result.seconds);
  xml.open("testsuite", totals.attributes(name));
  xml.open("properties", {});
  const auto property = [&](std::string_view key, const std::string& value) {
    xml.empty("property", {{"name", fmt::format("lockproof.{}", key)}, {"value", shown(value)}});
  };
  property("version", version);
  property("subject", result.subject);
  property("world", result.world);
  property("strategy", result.strategy);
  property("bounds", result.bounds);
  property("seed", std::to_string(result.seed));
  property("verdict", std::string(lockproof::name(result.verdict)));
  xml.close();
  const double each = result.seconds / static_cast<double>(cases.size());
  for (const Case& test : cases) add_case(result, name, test, each, xml);
  xml.close();
}

}  // namespace

std::string junit_report(const std::vector<RunResult>& results, const std::string& version) {
  Totals totals;
  std::vector<std::vector<Case>> cases;
  for (const RunResult& result : results) {
    cases.push_back(cases_of(result));
    totals.add(cases.back(), result.seconds);
  }
  Xml xml;
  std::set<std::string> taken;
  xml.open("testsuites", totals.attributes("lockproof"));
  for (std::size_t i = 0; i < results.size(); ++i) {
    add_suite(results[i], unique(shown(results[i].scenario), taken), cases[i], version, xml);
  }
  xml.close();
  return xml.take();
}

}  // namespace lockproof
