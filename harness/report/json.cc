// SPDX-License-Identifier: Apache-2.0
// The members are described in docs/REPORTS.md.
#include "core/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/text.h"
#include "report/report.h"
#include "report/schema.h"

namespace lockproof {
namespace {

constexpr std::size_t kLineColumns = 120;

JsonWriter strings(const std::vector<std::string>& texts) {
  JsonWriter json = JsonWriter::array();
  for (const std::string& text : texts) json.push_back(valid_utf8(text));
  return json;
}

JsonWriter events_to_json(const std::vector<Event>& events) {
  JsonWriter json = JsonWriter::array();
  for (const Event& event : events) json.push_back(event_to_json(event));
  return json;
}

JsonWriter finding_to_json(const Finding& finding) {
  JsonWriter json;
  json["invariant"] = valid_utf8(finding.invariant);
  json["sentence"] = valid_utf8(finding.sentence);
  json["class"] = name(finding.finding_class);
  json["why"] = valid_utf8(finding.why);
  json["events"] = events_to_json(finding.events);
  json["line"] = finding.line;
  return json;
}

JsonWriter history_to_json(const History& history) {
  JsonWriter json;
  json["scenario"] = valid_utf8(history.scenario);
  json["subject"] = valid_utf8(history.subject);
  json["world"] = valid_utf8(history.world);
  json["excerpt"] = history.excerpt;
  json["events"] = events_to_json(history.events);
  return json;
}

// true, false, or null where it was not made; and why it is not true.
void add_on_linux(const OnLinux& on_linux, JsonWriter& json) {
  json["confirmed"] = on_linux.confirmed ? JsonWriter(*on_linux.confirmed) : JsonWriter();
  json["difference"] = valid_utf8(on_linux.difference);
}

JsonWriter mutants_to_json(const std::vector<MutantResult>& mutants) {
  JsonWriter json = JsonWriter::array();
  for (const MutantResult& mutant : mutants) {
    JsonWriter& entry = json.emplace_back();
    entry["name"] = valid_utf8(mutant.name);
    entry["caught"] = mutant.caught;
    entry["invariant"] = valid_utf8(mutant.invariant);
    entry["steps"] = mutant.steps;
    add_on_linux(mutant.on_linux, entry);
  }
  return json;
}

JsonWriter run_to_json(const std::vector<RunStep>& run) {
  JsonWriter json = JsonWriter::array();
  for (const RunStep& step : run) {
    json.push_back({{"life", step.life}, {"last", step.last}, {"after", step.after}});
  }
  return json;
}

JsonWriter pair_to_json(std::uint64_t first) {
  if (first == 0) return {};
  JsonWriter json = JsonWriter::array();
  json.push_back(first);
  json.push_back(first + 1);
  return json;
}

JsonWriter result_to_json(const RunResult& result) {
  const Finding* first = result.findings.empty() ? nullptr : &result.findings.front();
  JsonWriter json;
  json["schema"] = kReportSchema;
  json["scenario"] = valid_utf8(result.scenario);
  json["file"] = valid_utf8(result.file);
  json["subject"] = valid_utf8(result.subject);
  json["world"] = valid_utf8(result.world);
  json["strategy"] = valid_utf8(result.strategy);
  json["verdict"] = name(result.verdict);
  json["reason"] = valid_utf8(result.reason);
  json["code"] = name(result.reason.code);
  json["bounds"] = valid_utf8(result.bounds);
  json["exhausted"] = valid_utf8(result.exhausted);
  json["invariant"] = first ? JsonWriter(valid_utf8(first->invariant)) : JsonWriter();
  json["sentence"] = first ? JsonWriter(valid_utf8(first->sentence)) : JsonWriter();
  json["replay"] = valid_utf8(result.replay);
  json["steps"] = result.steps;
  json["shortest"] = result.shortest;
  add_on_linux(result.on_linux, json);
  json["round"] = result.round;
  json["pair"] = pair_to_json(result.pair);
  json["swapped"] = strings(result.swapped);
  json["known"] = valid_utf8(result.known);
  json["seconds"] = std::isfinite(result.seconds) ? result.seconds : 0.0;
  json["seed"] = result.seed;
  json["counts"] = JsonWriter::object();
  for (const auto& [key, value] : result.counts) json["counts"][valid_utf8(key)] = value;
  json["invariants"] = strings(result.invariants);
  json["findings"] = JsonWriter::array();
  for (const Finding& finding : result.findings) {
    json["findings"].push_back(finding_to_json(finding));
  }
  json["mutants"] = mutants_to_json(result.mutants);
  json["notes"] = strings(result.notes);
  json["version"] = valid_utf8(result.version);
  json["run"] = run_to_json(result.run);
  json["history"] = history_to_json(result.history);
  return json;
}

// On one line with spaces, or nothing once it is longer than `room`.
std::optional<std::string> one_line(const JsonWriter& json, std::size_t room) {
  if (!json.is_structured()) return to_text(json);
  std::string text(1, json.is_object() ? '{' : '[');
  for (auto item = json.begin(); item != json.end(); ++item) {
    if (item != json.begin()) text += ", ";
    if (json.is_object()) text += to_text(item.key()) + ": ";
    const auto value = one_line(*item, room);
    if (!value) return std::nullopt;
    text += *value;
    if (text.size() > room) return std::nullopt;
  }
  return text + (json.is_object() ? '}' : ']');
}

// What fits on a line stands on one (an event, a list of names), so that a report can be read.
void print(const JsonWriter& json, std::size_t indent, std::string& out) {
  if (const auto line = one_line(json, kLineColumns - indent)) {
    out += *line;
    return;
  }
  out += json.is_object() ? "{\n" : "[\n";
  for (auto item = json.begin(); item != json.end(); ++item) {
    if (item != json.begin()) out += ",\n";
    out.append(indent + 2, ' ');
    if (json.is_object()) out += to_text(item.key()) + ": ";
    print(*item, indent + 2, out);
  }
  out += '\n';
  out.append(indent, ' ').append(json.is_object() ? "}" : "]");
}

}  // namespace

std::string json_report(const std::vector<RunResult>& results, const std::string& version) {
  JsonWriter report;
  report["schema"] = kReportSchema;
  report["version"] = valid_utf8(version);
  report["results"] = JsonWriter::array();
  for (const RunResult& result : results) report["results"].push_back(result_to_json(result));
  std::string text;
  print(report, 0, text);
  return text + '\n';
}

std::string json_document(const RunResult& result) {
  std::string text;
  print(result_to_json(result), 0, text);
  return text + '\n';
}

std::string json_result(const RunResult& result) { return to_text(result_to_json(result)); }

}  // namespace lockproof
