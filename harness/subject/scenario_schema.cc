// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario_schema.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "faults/faults.h"
#include "invariants/invariant.h"
#include "subject/builtin.h"
#include "subject/scenario.h"

namespace lockproof {
namespace {

using Json = JsonWriter;
using Names = std::vector<std::string>;

Json names(const Names& words) { return {{"enum", words}}; }
Json ref(const std::string& name) { return {{"$ref", "#/$defs/" + name}}; }
Json array_of(const Json& items) { return {{"type", "array"}, {"items", items}}; }
Json some_of(const Json& items) { return {{"type", "array"}, {"minItems", 1}, {"items", items}}; }
Json distinct(Json array) {
  array["uniqueItems"] = true;
  return array;
}
Json number(std::int64_t least, std::int64_t most) {
  return {{"type", "integer"}, {"minimum", least}, {"maximum", most}};
}
Json table_of(const Json& properties) {
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}
// If the value is like `condition`, it must be like `consequence`, too.
Json when(const Json& condition, const Json& consequence) {
  return {{"if", condition}, {"then", consequence}};
}
Json has(const std::string& key, const Json& value) {
  return {{"type", "object"}, {"required", {key}}, {"properties", {{key, value}}}};
}
Json without(const std::string& key) { return {{"properties", {{key, false}}}}; }

// $ means before a last line end, too, in some engines.
const std::string kEnd = "(?![\\s\\S])";
const std::string kPlaceholder = "(^|[^$])\\{(?!(";  // what a shell knows as ${name} is not ours

Json bytes() { return {{"type", "string"}, {"not", {{"pattern", "\\u0000"}}}}; }
Json plain_line() {
  return {
      {"type", "string"},
      {"minLength", 1},
      {"not",
       {{"pattern",
         "[\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]"}}}};
}
Json literal() {
  return {
      {"type", "string"}, {"pattern", "^'[\\s\\S]*'" + kEnd}, {"not", {{"pattern", "\\u0000"}}}};
}
Json place() {
  Json line = plain_line();
  line["pattern"] = "^\\{dir\\}/(?![^{}]*[.][.])[^{}]+" + kEnd;
  return line;
}

// A command, of which only these placeholders are known: "dir|here".
Json argv(const std::string& placeholders) {
  Json word = bytes();
  word["not"] = {
      {"pattern", "\\u0000|" + kPlaceholder + placeholders + ")\\})[a-z_][a-z0-9_]*\\}"}};
  Json words = some_of(word);
  words["allOf"] = Json::array({{{"prefixItems", Json::array({{{"minLength", 1}}})}}});
  return words;
}

Json with_critical(const std::string& key, bool once) {
  const Json critical = {{"pattern", "(^|[^$])\\{critical\\}"}};
  if (!once) return {{"properties", {{key, {{"not", {{"contains", critical}}}}}}}};
  const Json twice = {{"pattern", "\\{critical\\}[\\s\\S]*[^$]?\\{critical\\}"}};
  return {{"properties",
           {{key, {{"contains", critical}, {"maxContains", 1}, {"not", {{"contains", twice}}}}}}}};
}

Json record() {
  const Json path_and_reader = {
      {"type", "object"},
      {"required", {"path"}},
      {"properties",
       {{"path", ref("place")},
        {"read",
         {{"type", "string"},
          {"pattern", "^(text" + kEnd + "|json:([.][^.]+)+" + kEnd + "|regex:)"},
          {"not", {{"pattern", "\\u0000"}}}}}}},
      {"additionalProperties", false}};
  return {{"if", {{"type", "object"}}}, {"then", path_and_reader}, {"else", ref("place")}};
}

Json owners() {
  return {{"type", "object"},
          {"properties", {{"argv", bytes()}, {"ready", ref("line")}}},
          {"additionalProperties", false},
          {"minProperties", 1},
          {"maxProperties", 1}};
}

// The table `subject`.
Json command() {
  Json table = table_of(
      {{"kind", names({"wrapper", "worker", "daemon"})},
       {"run", argv("dir|here|critical")},
       {"start", argv("dir|here|critical")},
       {"stop", argv("dir|here")},
       {"status", argv("dir|here")},
       {"name", ref("line")},
       {"busy_exit", array_of(number(0, 255))},
       {"owners", owners()},
       {"loser", names({"exits", "stays", "reuses"})},
       {"says",
        table_of({{"acquired", ref("line")}, {"busy", ref("line")}, {"released", ref("line")}})},
       {"package", ref("line")},
       {"probe", argv("here")},
       {"record", record()},
       {"lock", ref("place")}});
  table["required"] = {"kind"};
  const Json daemon = has("kind", {{"const", "daemon"}});
  const Json worker = has("kind", {{"const", "worker"}});
  const Json runs = {{"required", {"run"}}};
  const Json starts = {{"oneOf", {runs, {{"required", {"start"}}}}}};
  const Json own = {{"required", {"owners"}}};
  const auto all = [](const Names& keys) {
    Json parts = Json::array();
    for (const std::string& key : keys) parts.push_back(without(key));
    return Json{{"allOf", parts}};
  };
  table["allOf"] = {
      {{"if", daemon},
       {"then", starts},
       {"else", {{"allOf", {runs, all({"start", "stop", "status", "owners", "loser"})}}}}},
      {{"if", worker}, {"then", with_critical("run", false)}, {"else", without("says")}},
      when({{"not", {{"anyOf", {worker, own}}}}},
           {{"allOf",
             {when(runs, with_critical("run", true)),
              when({{"required", {"start"}}}, with_critical("start", true))}}}),
      when(own, {{"allOf", {with_critical("run", false), with_critical("start", false)}}}),
      when(has("loser", {{"const", "stays"}}), has("owners", {{"required", {"ready"}}}))};
  return table;
}

Json fault_table() {
  Json faults = Json::object();
  for (const FaultInfo& fault : all_faults()) {
    const bool lasts = fault.takes == FaultInfo::Takes::kDuration;
    faults[std::string(fault.name)] = lasts ? ref("duration") : number(0, 1000);
  }
  return table_of(faults);
}

// A mutant of the scenario's own family may stand without the family.
Json mutant_table() {
  Names known;
  for (const Builtin& builtin : all_builtins()) {
    known.emplace_back(builtin.name);
    const std::size_t slash = builtin.name.rfind('/');
    if (slash != std::string_view::npos) known.emplace_back(builtin.name.substr(slash + 1));
  }
  const std::set<std::string> once(known.begin(), known.end());
  return {{"type", "object"},
          {"propertyNames", names(Names(once.begin(), once.end()))},
          {"additionalProperties", ref("invariant")}};
}

Json expectation() {
  Json table = table_of({{"verdict", names({"holds", "violated", "inconclusive"})},
                         {"invariant", ref("invariant")},
                         {"states", number(1, INT64_MAX)},
                         {"steps", number(1, INT64_MAX)}});
  table["allOf"] = {when({{"not", has("verdict", {{"const", "violated"}})}},
                         {{"allOf", {without("invariant"), without("steps")}}})};
  return table;
}

Json files() {
  return {
      {"type", "object"},
      {"propertyNames", {{"allOf", {ref("line"), {{"not", {{"pattern", "^/|[.][.]"}}}}}}}},
      {"additionalProperties",
       {{"anyOf",
         {names({"absent", "dead", "recycled", "self", "empty", "torn", "garbage"}), literal()}}}}};
}

// `setup` and `cast` have these verbs.
Json verbs(const Names& words) {
  const Json verb = names(words);
  return {{"properties",
           {{"setup", array_of(verb)}, {"cast", some_of({{"anyOf", {verb, some_of(verb)}}})}}}};
}

Json without_file(const std::string& name) { return {{"properties", {{"files", without(name)}}}}; }

// What depends on which built-in subject it is: its verbs and its files.
void add_builtins(Json& rules) {
  std::map<Names, Names> by_verbs;
  std::map<std::string, Names> lacking;
  for (const Builtin& builtin : all_builtins()) {
    Names words;
    for (const Verb& verb : builtin.verbs) words.emplace_back(verb.name);
    by_verbs[words].emplace_back(builtin.name);
    if (builtin.record.empty()) lacking["record"].emplace_back(builtin.name);
    if (builtin.lock.empty()) lacking["lock"].emplace_back(builtin.name);
  }
  for (const auto& [words, subjects] : by_verbs) {
    rules.push_back(when(has("subject", names(subjects)), verbs(words)));
  }
  for (const auto& [file, subjects] : lacking) {
    rules.push_back(when(has("subject", names(subjects)), without_file(file)));
  }
}

// The same of commands.
void add_commands(Json& rules) {
  const auto command_with = [](const Json& rule) {
    return has("subject", {{"type", "object"}, {"allOf", {rule}}});
  };
  const auto lacks = [](const std::string& key) { return Json{{"not", {{"required", {key}}}}}; };
  const Json daemon = has("kind", {{"const", "daemon"}});
  rules.push_back(when(command_with({{"not", daemon}}), verbs({"run"})));
  for (const bool stops : {false, true}) {
    for (const bool tells : {false, true}) {
      Names words = {"run", "start"};
      if (stops) words.emplace_back("stop");
      if (tells) words.emplace_back("status");
      Json parts = Json::array({daemon});
      parts.push_back(stops ? Json{{"required", {"stop"}}} : lacks("stop"));
      parts.push_back(tells ? Json{{"required", {"status"}}} : lacks("status"));
      rules.push_back(when(command_with({{"allOf", parts}}), verbs(words)));
    }
  }
  for (const char* file : {"record", "lock"}) {
    rules.push_back(when(command_with(lacks(file)), without_file(file)));
  }
  // What an owner leaves is known of a record that is read as text.
  const Json read = has("record", has("read", {{"not", {{"const", "text"}}}}));
  const Json unknown = {{"anyOf", {names({"absent", "empty", "garbage"}), literal()}}};
  rules.push_back(when(command_with(read),
                       {{"properties", {{"files", {{"properties", {{"record", unknown}}}}}}}}));
  rules.push_back(when(
      command_with({{"required", {"owners"}}}),
      {{"properties", {{"invariants", {{"not", {{"contains", {{"const", "no_lock_leak"}}}}}}}}}}));
  rules.push_back(when(has("subject", {{"type", "object"}}),
                       {{"allOf", {without("mutants"), without("namespaces")}}}));
}

Json definitions() {
  Names invariants;
  for (const InvariantInfo& info : all_invariants()) invariants.emplace_back(info.name);
  return {{"line", plain_line()},
          {"place", place()},
          {"duration", {{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m|h)?" + kEnd}}},
          {"invariant", names(invariants)},
          {"command", command()}};
}

Json properties() {
  Names subjects;
  for (const Builtin& builtin : all_builtins()) subjects.emplace_back(builtin.name);
  return {
      {"title", ref("line")},
      {"source", ref("line")},
      {"covers", distinct(array_of(ref("line")))},
      {"subject",
       {{"if", {{"type", "object"}}}, {"then", ref("command")}, {"else", names(subjects)}}},
      {"setup", array_of({{"type", "string"}})},
      {"cast", some_of({{"type", {"string", "array"}}})},
      {"namespaces", array_of(number(0, kMaxNamespace))},
      {"files", files()},
      {"invariants", distinct(some_of(ref("invariant")))},
      {"faults", fault_table()},
      {"mutants", mutant_table()},
      {"bounds", table_of({{"recover", ref("duration")}, {"wait_attempts", number(1, 1'000'000)}})},
      {"stress", table_of({{"processes", number(2, 5000)}, {"duration", ref("duration")}})},
      {"expect", expectation()}};
}

}  // namespace

JsonWriter scenario_schema() {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "A scenario of lockproof"}};
  schema.update(table_of(properties()));
  schema["patternProperties"] = {{"^x-", true}};
  schema["required"] = {"title", "subject"};
  Json rules = Json::array();
  add_builtins(rules);
  add_commands(rules);
  schema["allOf"] = rules;
  schema["$defs"] = definitions();
  return schema;
}

}  // namespace lockproof
