// SPDX-License-Identifier: Apache-2.0
// Reading a result back: the members are described in docs/REPORTS.md.
#include <fmt/format.h>

#include <limits>
#include <optional>

#include "core/json.h"
#include "core/text.h"
#include "report/report.h"
#include "report/schema.h"

namespace lockproof {
namespace {

constexpr int kDepth = 16;

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

// `confirmed` may be null.
void read_on_linux(Reader& reader, OnLinux& on_linux) {
  const JsonReader* confirmed = reader.member("confirmed");
  if (confirmed != nullptr && !confirmed->is_null()) {
    reader.read("confirmed", on_linux.confirmed.emplace());
  }
  reader.read("difference", on_linux.difference);
}

Finding read_finding(const JsonReader& json, Error& error) {
  Finding finding;
  Reader reader(json, error);
  reader.read("invariant", finding.invariant);
  reader.read("sentence", finding.sentence);
  reader.read_name("class", {FindingClass::kSafety, FindingClass::kLiveness, FindingClass::kDesign},
                   finding.finding_class);
  reader.read("why", finding.why);
  reader.read("events", finding.events);
  reader.read("line", finding.line);
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
  reader.read("steps", mutant.steps);
  read_on_linux(reader, mutant.on_linux);
  return mutant;
}

RunStep read_step(const JsonReader& json, Error& error) {
  RunStep step;
  Reader reader(json, error);
  std::uint64_t life = 0;
  reader.read("life", life);
  reader.read("last", step.last);
  reader.read("after", step.after);
  if (life > std::numeric_limits<Life>::max()) reader.fail("expected 'life' to be a life");
  step.life = static_cast<Life>(life);
  return step;
}

// [4, 5]: 4; null: 0.
std::uint64_t read_pair(const JsonReader& json, Error& error) {
  if (json.is_null()) return 0;
  const bool two = json.is_array() && json.size() == 2 && json[0].is_number_unsigned();
  if (!two) error.sentence = "expected 'pair' to be two steps";
  return two ? json[0].get<std::uint64_t>() : 0;
}

// `order`: the names of the counts as they stand in the text.
RunResult read_result(const JsonReader& json, const std::vector<std::string>& order, Error& error) {
  RunResult result;
  Reader reader(json, error);
  std::uint64_t schema = 0;
  reader.read("schema", schema);
  if (schema != kReportSchema) reader.fail(fmt::format("expected 'schema' {}", kReportSchema));
  reader.read("scenario", result.scenario);
  reader.read("file", result.file);
  reader.read("subject", result.subject);
  reader.read("world", result.world);
  reader.read("strategy", result.strategy);
  reader.read_name("verdict",
                   {Verdict::kHolds, Verdict::kViolated, Verdict::kInconclusive, Verdict::kSkipped},
                   result.verdict);
  std::string reason, code;
  reader.read("reason", reason);
  reader.read("code", code);
  const ErrorPage* const page = find_error_page(code);
  result.reason = {page == nullptr ? ErrorCode::kNone : page->code, reason};
  reader.read("bounds", result.bounds);
  reader.read("exhausted", result.exhausted);
  reader.read("replay", result.replay);
  reader.read("steps", result.steps);
  reader.read("shortest", result.shortest);
  read_on_linux(reader, result.on_linux);
  reader.read("round", result.round);
  if (const JsonReader* pair = reader.member("pair")) result.pair = read_pair(*pair, error);
  reader.read("swapped", result.swapped);
  reader.read("known", result.known);
  reader.read("version", result.version);
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
  reader.list("run", [&](const JsonReader& item) { result.run.push_back(read_step(item, error)); });
  if (const JsonReader* history = reader.member("history")) {
    result.history = read_history_member(*history, error);
  }
  return result;
}

}  // namespace

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
  Error error = internal_error(ErrorCode::kInternal, "");
  RunResult result;
  if (json) {
    result = read_result(*json, order, error);
  } else {
    error = internal_error(json.error().code, json.error().sentence);
  }
  if (!error.sentence.empty())
    return internal_error(error.code, "result of a run: " + error.sentence);
  return result;
}

}  // namespace lockproof
