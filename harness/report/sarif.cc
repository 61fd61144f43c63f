// SPDX-License-Identifier: Apache-2.0
// SARIF 2.1.0. Code scanning shows a result at the first location, follows the steps of its thread
// flows, and knows a result again by one fingerprint.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/json.h"
#include "core/text.h"
#include "report/course.h"
#include "report/layout.h"
#include "report/report.h"
#include "report/wording.h"

namespace lockproof {
namespace {

constexpr std::size_t kTextShown = 1000;   // a rule's texts may have 1024
constexpr std::size_t kStepsShown = 1000;  // of a result, as many as are shown

std::string shown(std::string_view text) { return escape(text, kTextShown); }

JsonWriter text_member(const std::string& text) { return {{"text", text}}; }

// A path as the path of a URI; an absolute one as a URI of its own.
std::string uri_of(const std::string& file) {
  std::string uri = file.starts_with("/") ? "file://" : "";
  for (const unsigned char c : file) {
    const bool plain =
        (std::isalnum(c) != 0 && c < 0x80) ||
        std::string_view("/-._~").find(static_cast<char>(c)) != std::string_view::npos;
    uri += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return uri;
}

// The same for the same promise of the same scenario, whatever run breaks it.
std::string fingerprint(const RunResult& result, const Finding& finding) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const unsigned char c : result.scenario + '\n' + finding.invariant) {
    hash = (hash ^ c) * 0x100000001b3;
  }
  return fmt::format("{:016x}:1", hash);
}

// The whole line.
JsonWriter place(const RunResult& result, const Finding& finding) {
  const std::uint64_t line = std::max<std::uint64_t>(finding.line, 1);
  return {{"artifactLocation", {{"uri", uri_of(result.file)}}},
          {"region",
           {{"startLine", line}, {"startColumn", 1}, {"endLine", line + 1}, {"endColumn", 1}}}};
}

JsonWriter flow_location(const Moment& moment, const RunResult& result, const Finding& finding) {
  JsonWriter location{{"message", text_member(moment.row.text)}};
  if (!result.file.empty()) location["physicalLocation"] = place(result, finding);
  return {{"location", location},
          {"executionOrder", moment.row.seq},
          {"importance", moment.row.marked ? "essential" : "important"}};
}

JsonWriter thread_flows(const RunResult& result, const Finding& finding) {
  const Course course = course_of(result);
  JsonWriter flows = JsonWriter::array();
  const std::size_t rows = course.moments.size();
  const std::size_t first = rows - std::min(rows, kStepsShown);
  for (Life life : course.cast.lives()) {
    JsonWriter locations = JsonWriter::array();
    for (std::size_t i = first; i < rows; ++i) {
      if (course.moments[i].row.column == life) {
        locations.push_back(flow_location(course.moments[i], result, finding));
      }
    }
    if (locations.empty()) continue;
    flows.push_back({{"id", course.cast.title(life)}, {"locations", locations}});
  }
  return flows;
}

std::string promise(const Finding& finding) {
  return shown(finding.sentence.empty() ? finding.invariant : finding.sentence);
}

JsonWriter result_of(const RunResult& result, const Finding& finding, std::size_t rule) {
  std::string text = promise(finding) + ": broken.";
  if (!finding.why.empty()) text += " " + shown(finding.why) + ".";
  if (!result.replay.empty()) text += " Replay: " + command_line(result.replay);
  JsonWriter json;
  json["ruleId"] = shown(finding.invariant);
  json["ruleIndex"] = rule;
  json["level"] = "error";
  json["message"] = text_member(text);
  json["locations"] = JsonWriter::array();
  if (!result.file.empty()) {
    json["locations"].push_back({{"physicalLocation", place(result, finding)}});
  }
  json["partialFingerprints"]["primaryLocationLineHash"] = fingerprint(result, finding);
  const bool first = &finding == result.findings.data();
  const JsonWriter flows = first ? thread_flows(result, finding) : JsonWriter::array();
  if (!flows.empty()) {
    json["codeFlows"] = JsonWriter::array();
    json["codeFlows"].push_back({{"threadFlows", flows}});
  }
  if (!result.known.empty()) {
    json["suppressions"] = JsonWriter::array();
    json["suppressions"].push_back({{"kind", "external"}, {"justification", shown(result.known)}});
  }
  return json;
}

JsonWriter rule_of(const Finding& finding) {
  return {
      {"id", shown(finding.invariant)},
      {"shortDescription", text_member(promise(finding))},
      {"fullDescription", text_member(promise(finding))},
      {"help", text_member("A run broke this promise. Its replay line makes the run again, step "
                           "by step; `lockproof explain` says what is so after each step.")},
      {"properties", {{"tags", JsonWriter::array({std::string(name(finding.finding_class))})}}}};
}

// What was not judged is no result; it is said with the run.
JsonWriter invocation_of(const std::vector<RunResult>& results) {
  JsonWriter notes = JsonWriter::array();
  for (const RunResult& result : results) {
    const bool skipped = result.verdict == Verdict::kSkipped;
    if (!skipped && result.verdict != Verdict::kInconclusive) continue;
    notes.push_back({{"level", skipped ? "note" : "warning"},
                     {"message", text_member(fmt::format("{} {}: {}", name(result.verdict),
                                                         shown(result.scenario),
                                                         shown(with_code(result.reason))))}});
  }
  return {{"executionSuccessful", true}, {"toolExecutionNotifications", notes}};
}

}  // namespace

std::string sarif_report(const std::vector<RunResult>& results, const std::string& version) {
  JsonWriter rules = JsonWriter::array();
  JsonWriter found = JsonWriter::array();
  std::vector<std::string> known;
  for (const RunResult& result : results) {
    for (const Finding& finding : result.findings) {
      auto rule = std::find(known.begin(), known.end(), finding.invariant);
      const auto index = static_cast<std::size_t>(rule - known.begin());
      if (rule == known.end()) {
        known.push_back(finding.invariant);
        rules.push_back(rule_of(finding));
      }
      found.push_back(result_of(result, finding, index));
    }
  }
  JsonWriter run;
  run["tool"]["driver"] = {
      {"name", "lockproof"}, {"version", valid_utf8(version)}, {"rules", rules}};
  run["automationDetails"]["id"] = "lockproof/";
  run["invocations"] = JsonWriter::array({invocation_of(results)});
  run["columnKind"] = "unicodeCodePoints";
  run["results"] = found;
  JsonWriter report;
  report["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
  report["version"] = "2.1.0";
  report["runs"] = JsonWriter::array({run});
  return to_text(report, 1) + '\n';
}

}  // namespace lockproof
