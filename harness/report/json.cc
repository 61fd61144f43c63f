// SPDX-License-Identifier: Apache-2.0
// The members are described in docs/REPORTS.md.
#include "core/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/text.h"
#include "report/report.h"

namespace lockproof {
namespace {

constexpr int kReportSchema = 1;
constexpr int kDepth = 16;
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

JsonWriter mutants_to_json(const std::vector<MutantResult>& mutants) {
  JsonWriter json = JsonWriter::array();
  for (const MutantResult& mutant : mutants) {
    JsonWriter& entry = json.emplace_back();
    entry["name"] = valid_utf8(mutant.name);
    entry["caught"] = mutant.caught;
    entry["invariant"] = valid_utf8(mutant.invariant);
  }
  return json;
}

JsonWriter result_to_json(const RunResult& result) {
  const Finding* first = result.findings.empty() ? nullptr : &result.findings.front();
  JsonWriter json;
  json["schema"] = kReportSchema;
  json["scenario"] = valid_utf8(result.scenario);
  json["subject"] = valid_utf8(result.subject);
  json["world"] = valid_utf8(result.world);
  json["strategy"] = valid_utf8(result.strategy);
  json["verdict"] = name(result.verdict);
  json["reason"] = valid_utf8(result.reason);
  json["bounds"] = valid_utf8(result.bounds);
  json["invariant"] = first ? JsonWriter(valid_utf8(first->invariant)) : JsonWriter();
  json["sentence"] = first ? JsonWriter(valid_utf8(first->sentence)) : JsonWriter();
  json["replay"] = valid_utf8(result.replay);
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

// Reading: the first thing that is wrong is kept, and what follows is not looked at.
class Reader {
 public:
  explicit Reader(const JsonReader& object, Error& error) : object_(object), error_(error) {
    if (!object.is_object()) fail("expected an object");
  }

  void read(const std::string& key, std::string& place) {
    take(string_member, key, place, std::string());
  }
  void read(const std::string& key, bool& place) { take(bool_member, key, place, false); }
  void read(const std::string& key, std::uint64_t& place) {
    take(natural_member, key, place, std::uint64_t{0});
  }
  void read(const std::string& key, double& place) {
    const JsonReader* json = member(key);
    if (json == nullptr) return;
    if (!json->is_number()) return fail(fmt::format("expected '{}' to be a number", key));
    place = json->get<double>();
  }

  // A list, each of whose items `add` reads.
  template <class Add>
  void list(const std::string& key, Add add) {
    const JsonReader* json = member(key);
    if (json == nullptr) return;
    if (!json->is_array()) return fail(fmt::format("expected '{}' to be a list", key));
    for (const JsonReader& item : *json) {
      if (!failed()) add(item);
    }
  }

  void read(const std::string& key, std::vector<std::string>& place) {
    list(key, [&](const JsonReader& item) {
      if (!item.is_string()) return fail(fmt::format("expected '{}' to hold strings", key));
      place.push_back(item.get<std::string>());
    });
  }
  void read(const std::string& key, std::vector<Event>& place) {
    list(key, [&](const JsonReader& item) {
      auto event = event_from_json(item);
      if (!event) return fail(event.error().sentence);
      place.push_back(std::move(*event));
    });
  }

  // One of a closed list of values, by name.
  template <class Value>
  void read_name(const std::string& key, std::initializer_list<Value> values, Value& place) {
    std::string text;
    read(key, text);
    if (failed()) return;
    for (Value value : values) {
      if (name(value) == text) return void(place = value);
    }
    fail(fmt::format("expected '{}' to be known, not '{}'", key, escape(text, 40)));
  }

  const JsonReader* member(const std::string& key) const {
    if (failed()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  bool failed() const { return !error_.sentence.empty(); }
  void fail(const std::string& sentence) {
    if (!failed()) error_.sentence = sentence;
  }

 private:
  template <class Member, class T>
  void take(Member get, const std::string& key, T& place, T otherwise) {
    if (failed()) return;
    auto value = get(object_, key, otherwise);
    if (!value) return fail(value.error().sentence);
    place = std::move(*value);
  }

  const JsonReader& object_;
  Error& error_;
};

Finding read_finding(const JsonReader& json, Error& error) {
  Finding finding;
  Reader reader(json, error);
  reader.read("invariant", finding.invariant);
  reader.read("sentence", finding.sentence);
  reader.read_name("class", {FindingClass::kSafety, FindingClass::kLiveness, FindingClass::kDesign},
                   finding.finding_class);
  reader.read("why", finding.why);
  reader.read("events", finding.events);
  return finding;
}

History read_history_member(const JsonReader& json, Error& error) {
  History history;
  Reader reader(json, error);
  reader.read("scenario", history.scenario);
  reader.read("subject", history.subject);
  reader.read("world", history.world);
  reader.read("excerpt", history.excerpt);
  reader.read("events", history.events);
  return history;
}

MutantResult read_mutant(const JsonReader& json, Error& error) {
  MutantResult mutant;
  Reader reader(json, error);
  reader.read("name", mutant.name);
  reader.read("caught", mutant.caught);
  reader.read("invariant", mutant.invariant);
  return mutant;
}

// `order`: the names of the counts as they stand in the text.
RunResult read_result(const JsonReader& json, const std::vector<std::string>& order, Error& error) {
  RunResult result;
  Reader reader(json, error);
  std::uint64_t schema = 0;
  reader.read("schema", schema);
  if (schema != kReportSchema) reader.fail(fmt::format("expected 'schema' {}", kReportSchema));
  reader.read("scenario", result.scenario);
  reader.read("subject", result.subject);
  reader.read("world", result.world);
  reader.read("strategy", result.strategy);
  reader.read_name("verdict",
                   {Verdict::kHolds, Verdict::kViolated, Verdict::kInconclusive, Verdict::kSkipped},
                   result.verdict);
  reader.read("reason", result.reason);
  reader.read("bounds", result.bounds);
  reader.read("replay", result.replay);
  reader.read("seconds", result.seconds);
  reader.read("seed", result.seed);
  reader.read("invariants", result.invariants);
  reader.read("notes", result.notes);
  if (const JsonReader* counts = reader.member("counts")) {
    Reader figures(*counts, error);
    for (const std::string& key : order) {
      if (!reader.failed()) figures.read(key, result.counts.emplace_back(key, 0).second);
    }
  }
  reader.list("findings", [&](const JsonReader& item) {
    result.findings.push_back(read_finding(item, error));
  });
  reader.list("mutants",
              [&](const JsonReader& item) { result.mutants.push_back(read_mutant(item, error)); });
  if (const JsonReader* history = reader.member("history")) {
    result.history = read_history_member(*history, error);
  }
  return result;
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

std::string json_result(const RunResult& result) { return to_text(result_to_json(result)); }

Result<RunResult> parse_json_result(const std::string& text) {
  // A parsed object is sorted by name; the counts have an order that people want.
  std::vector<std::string> order;
  std::string section;
  const auto observer = [&](int depth, JsonReader::parse_event_t event, JsonReader& parsed) {
    if (event != JsonReader::parse_event_t::key) return true;
    auto key = parsed.get<std::string>();
    if (depth == 1)
      section = std::move(key);
    else if (depth == 2 && section == "counts")
      order.push_back(std::move(key));
    return true;
  };
  const auto json = parse_json(text, kDepth, observer);
  Error error = internal_error("");
  RunResult result;
  if (json) {
    result = read_result(*json, order, error);
  } else {
    error.sentence = json.error().sentence;
  }
  if (!error.sentence.empty()) return internal_error("result of a run: " + error.sentence);
  return result;
}

}  // namespace lockproof
