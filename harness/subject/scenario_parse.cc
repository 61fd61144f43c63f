// SPDX-License-Identifier: Apache-2.0
// A scenario file: TOML -> Scenario, with every name looked up and every number in range.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "faults/faults.h"
#include "subject/command_subject.h"
#include "subject/record_reader.h"
#include "subject/scenario.h"
#include "subject/scenario_defaults.h"
#include "subject/toml_reader.h"
#include "subject/utf8.h"

namespace lockproof {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kHour = 3600 * kSecond;

template <class Infos>
std::vector<std::string> names_of(const Infos& infos) {
  std::vector<std::string> names;
  for (const auto& info : infos) names.emplace_back(info.name);
  return names;
}

bool is_daemon(const Subject& subject) {
  return subject.command && subject.command->type == CommandSubject::Type::kDaemon;
}

// Of a file: what a program has written lies there.
bool needs_an_owner(std::string_view state) {
  return state == "dead" || state == "recycled" || state == "self" || state == "torn";
}

bool is_owned_by_itself(const Subject& subject) {
  return is_daemon(subject) && subject.command->owners_by != CommandSubject::Owners::kCritical;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class ScenarioReader {
 public:
  ScenarioReader(const toml::table& root, const std::string& where, std::string name)
      : complaints_(where), top_(root, "", 1, complaints_) {
    scenario_.name = std::move(name);
  }

  Result<Scenario> read() {
    read_words();
    read_subject();
    read_cast();
    read_files();
    read_invariants();
    read_namespaces();
    read_faults();
    read_mutants();
    read_bounds();
    read_stress();
    read_expect();
    top_.finish();
    if (!complaints_.none()) return complaints_.first();
    return std::move(scenario_);
  }

 private:
  void read_words();
  void read_covers(const TomlValue& value);
  void read_subject();
  void read_cast();
  std::vector<std::string> read_verbs(const TomlValue& value);
  std::string read_verb(const TomlValue& value);
  void read_files();
  void read_file_state(const TomlValue& value);
  void read_invariants();
  void read_namespaces();
  void read_with_namespaces(const TomlValue& value);
  std::string read_invariant(const TomlValue& value);
  std::string read_chosen_invariant(const TomlValue& value);
  void read_faults();
  void read_mutants();
  void read_mutant(const TomlValue& value);
  std::string family() const { return scenario_.name.substr(0, scenario_.name.find('/')) + "/"; }
  const Builtin* find_mutant(const TomlValue& value) const;
  std::vector<std::string> mutant_names() const;
  void read_bounds();
  void read_stress();
  void read_expect();

  Complaints complaints_;
  TomlTable top_;
  Scenario scenario_;
  bool subject_known_ = false;
};

void ScenarioReader::read_words() {
  if (const TomlValue title = top_["title"]) {
    scenario_.title = title.line();
  } else {
    top_.missing("title", "say in one line what is checked");
  }
  if (const TomlValue source = top_["source"]) scenario_.source = source.line();
  if (const TomlValue covers = top_["covers"]) read_covers(covers);
}

void ScenarioReader::read_covers(const TomlValue& value) {
  for (const TomlValue& item : value.items()) {
    const std::string number = item.line();
    if (contains(scenario_.covers, number)) {
      item.wrong(fmt::format("'{}' stands here twice", number));
    }
    scenario_.covers.push_back(number);
  }
}

void ScenarioReader::read_subject() {
  const TomlValue value = top_["subject"];
  if (!value) return top_.missing("subject", "the name of a built-in subject, or a table");
  if (value.is_table()) {
    scenario_.subject.command = read_command_subject(value.table());
    subject_known_ = scenario_.subject.command.has_value();
    return;
  }
  const std::string name = value.is_text() ? value.bytes() : "";
  scenario_.subject.builtin = find_builtin(name);
  subject_known_ = scenario_.subject.builtin != nullptr;
  if (subject_known_) return;
  value.expected("a built-in subject or a table",
                 value.is_text() ? suggestion(name, names_of(all_builtins())) : "");
}

void ScenarioReader::read_cast() {
  const TomlValue setup = top_["setup"];
  const TomlValue cast = top_["cast"];
  if (!subject_known_) return;  // which is complained of; its verbs cannot be judged
  if (setup) {
    for (const TomlValue& item : setup.items()) scenario_.setup.push_back(read_verb(item));
  }
  if (!cast) {
    scenario_.cast = default_cast(scenario_.subject);
    return;
  }
  for (const TomlValue& item : cast.items()) scenario_.cast.push_back(read_verbs(item));
  if (scenario_.cast.empty()) cast.expected("at least one process");
}

// One process of the cast: a verb, or the verbs that it does in turn.
std::vector<std::string> ScenarioReader::read_verbs(const TomlValue& value) {
  if (value.is_text()) return {read_verb(value)};
  std::vector<std::string> verbs;
  for (const TomlValue& item : value.items()) verbs.push_back(read_verb(item));
  if (verbs.empty()) value.expected("a verb, or an array of verbs");
  return verbs;
}

std::string ScenarioReader::read_verb(const TomlValue& value) {
  const std::vector<std::string> verbs = verbs_of(scenario_.subject);
  std::string verb = value.is_text() ? value.bytes() : "";
  if (is_daemon(scenario_.subject) && verb == "start") verb = "run";
  if (!contains(verbs, verb)) {
    value.expected(fmt::format("a verb of {}", escape(scenario_.subject.name(), 60)),
                   suggestion(verb, verbs));
  }
  return verb;
}

void ScenarioReader::read_files() {
  const TomlValue files = top_["files"];
  if (!files || !subject_known_) return;
  for (const TomlValue& value : files.table().entries()) read_file_state(value);
}

void ScenarioReader::read_file_state(const TomlValue& value) {
  static const std::vector<std::string> states = {"absent", "dead", "recycled", "self",
                                                  "empty",  "torn", "garbage"};
  const std::string& file = value.name();
  if (file.empty() || file[0] == '/' || file.find("..") != std::string::npos ||
      !is_plain_line(file) || file.back() == '/' || file == "." || file.ends_with("/.")) {
    return value.wrong("not a file name within the run's directory");
  }
  if ((file == "record" && !has_record(scenario_.subject)) ||
      (file == "lock" && !has_lock(scenario_.subject))) {
    return value.wrong(fmt::format("the subject has no {}", file));
  }
  const std::string state = value.is_text() ? value.bytes() : "";
  const bool literal = state.size() >= 2 && state.front() == '\'' && state.back() == '\'';
  if (!literal && !contains(states, state)) {
    value.expected("a state of a file, or content as \"'...'\"", suggestion(state, states));
  }
  const bool of_text =
      !scenario_.subject.command || scenario_.subject.command->record_read == kReadText;
  if (!literal && file == "record" && !of_text && needs_an_owner(state)) {
    return value.wrong(fmt::format(
        "what an owner leaves is known of a record that is read as text; give the content as "
        "\"'...'\", found \"{}\"",
        state));
  }
  scenario_.files[file] = state;
}

void ScenarioReader::read_invariants() {
  const TomlValue value = top_["invariants"];
  if (!value) {
    scenario_.invariants = default_invariants(scenario_.subject);
    return;
  }
  for (const TomlValue& item : value.items()) {
    const std::string name = read_invariant(item);
    if (contains(scenario_.invariants, name))
      item.wrong(fmt::format("'{}' stands here twice", name));
    if (name == "no_lock_leak" && is_owned_by_itself(scenario_.subject)) {
      item.wrong(
          "cannot be asked of a daemon with 'owners': its owner is a child, and keeps the lock");
    }
    if (!name.empty()) scenario_.invariants.push_back(name);
  }
  // A scenario that promises nothing would hold whatever the subject does.
  if (scenario_.invariants.empty()) value.expected("at least one invariant");
}

void ScenarioReader::read_namespaces() {
  const TomlValue value = top_["namespaces"];
  if (!value || !subject_known_) return;
  if (scenario_.subject.command) {
    return value.wrong("only a built-in subject's processes can be in pid namespaces");
  }
  auto& spaces = scenario_.namespaces;
  for (const TomlValue& item : value.items()) {
    spaces.push_back(static_cast<unsigned>(item.number(0, kMaxNamespace)));
  }
  const std::size_t processes = scenario_.setup.size() + scenario_.cast.size();
  if (spaces.size() != processes && spaces.size() != processes + 1) {
    value.wrong(fmt::format(
        "{} numbers for {} processes of 'setup' and 'cast'; expected one for each, and perhaps one "
        "for the late one",
        spaces.size(), processes));
  }
  if (std::all_of(spaces.begin(), spaces.end(), [](unsigned space) { return space == 0; })) {
    spaces.clear();
  } else {
    read_with_namespaces(value);
  }
}

// What a pid means depends on who reads it: nobody else can say whom a record names.
void ScenarioReader::read_with_namespaces(const TomlValue& value) {
  for (const std::string_view reads_pid :
       {"record_names_owner", "one_survivor", "no_orphan", "no_stale_side_file"}) {
    if (!contains(scenario_.invariants, reads_pid)) continue;
    value.wrong(fmt::format(
        "'{}' asks whom a pid names, which depends on the namespace of who reads it; name the "
        "'invariants' without it",
        reads_pid));
  }
  for (const auto& [file, state] : scenario_.files) {
    if (state != "recycled" && state != "self") continue;
    value.wrong(fmt::format(
        "files.{} = \"{}\" is a pid of one namespace; write it as content, \"'1001\\n'\"", file,
        state));
  }
}

// The name of an invariant; "" after a complaint.
std::string ScenarioReader::read_invariant(const TomlValue& value) {
  const std::string name = value.is_text() ? value.bytes() : "";
  if (find_invariant(name) != nullptr) return name;
  value.expected("an invariant",
                 value.is_text() ? suggestion(name, names_of(all_invariants())) : "");
  return "";
}

// The same, of those that this scenario checks: by another one nothing can be caught here.
std::string ScenarioReader::read_chosen_invariant(const TomlValue& value) {
  const std::string name = read_invariant(value);
  if (!name.empty() && subject_known_ && !contains(scenario_.invariants, name)) {
    value.wrong(fmt::format("this scenario does not check '{}'; add it to 'invariants'", name));
  }
  return name;
}

void ScenarioReader::read_faults() {
  const TomlValue faults = top_["faults"];
  if (!faults) {
    scenario_.faults = default_faults();
    return;
  }
  for (const TomlValue& value : faults.table().entries()) {
    const FaultInfo* fault = find_fault(value.name());
    if (fault == nullptr) {
      value.wrong(fmt::format("no such fault{}", suggestion(value.name(), names_of(all_faults()))));
    } else if (fault->takes == FaultInfo::Takes::kDuration) {
      scenario_.faults[value.name()] = value.duration_ms(1, 24 * kHour);
    } else {
      scenario_.faults[value.name()] = value.number(0, 1000);
    }
  }
}

void ScenarioReader::read_mutants() {
  const TomlValue mutants = top_["mutants"];
  if (!mutants || !subject_known_) return;
  if (scenario_.subject.command) return mutants.wrong("only a built-in subject has mutants");
  for (const TomlValue& value : mutants.table().entries()) read_mutant(value);
}

void ScenarioReader::read_mutant(const TomlValue& value) {
  const std::string invariant = read_chosen_invariant(value);
  const Builtin* mutant = find_mutant(value);
  if (mutant == nullptr) {
    return value.wrong(fmt::format("no such mutant{}", suggestion(value.name(), mutant_names())));
  }
  if (mutant == scenario_.subject.builtin) return value.wrong("the subject itself is no mutant");
  if (!scenario_.mutants.emplace(mutant->name, invariant).second) {
    value.wrong(fmt::format("'{}' stands here twice", mutant->name));
  }
  const std::vector<std::string> verbs = verbs_of(Subject{mutant, std::nullopt});
  std::vector<std::vector<std::string>> processes = scenario_.cast;
  processes.push_back(scenario_.setup);
  for (const auto& process : processes) {
    for (const std::string& verb : process) {
      if (!contains(verbs, verb)) value.wrong(fmt::format("the mutant has no verb '{}'", verb));
    }
  }
}

// A short name means the family of the scenario.
const Builtin* ScenarioReader::find_mutant(const TomlValue& value) const {
  const Builtin* mutant = find_builtin(family() + value.name());
  return mutant != nullptr ? mutant : find_builtin(value.name());
}

// What could have been meant: the others of the family, by their short names.
std::vector<std::string> ScenarioReader::mutant_names() const {
  std::vector<std::string> names;
  for (const Builtin& builtin : all_builtins()) {
    if (&builtin != scenario_.subject.builtin && builtin.name.starts_with(family())) {
      names.emplace_back(builtin.name.substr(family().size()));
    }
  }
  return names;
}

void ScenarioReader::read_bounds() {
  const TomlValue value = top_["bounds"];
  if (!value) return;
  TomlTable bounds = value.table();
  if (const TomlValue recover = bounds["recover"]) {
    scenario_.bounds.recover_ms = recover.duration_ms(1, kHour);
  }
  if (const TomlValue attempts = bounds["wait_attempts"]) {
    scenario_.bounds.wait_attempts = attempts.number(1, 1'000'000);
  }
  bounds.finish();
}

void ScenarioReader::read_stress() {
  const TomlValue value = top_["stress"];
  if (!value) return;
  TomlTable stress = value.table();
  if (const TomlValue processes = stress["processes"]) {
    scenario_.stress_processes = static_cast<int>(processes.number(2, 5000));
  }
  if (const TomlValue duration = stress["duration"]) {
    scenario_.stress_duration_ms = duration.duration_ms(kSecond, 24 * kHour);
  }
  stress.finish();
}

void ScenarioReader::read_expect() {
  const TomlValue value = top_["expect"];
  if (!value) return;
  TomlTable expect = value.table();
  if (const TomlValue verdict = expect["verdict"]) {
    const std::string word = verdict.is_text() ? verdict.bytes() : "";
    bool known = false;
    for (Verdict one : {Verdict::kHolds, Verdict::kViolated, Verdict::kInconclusive}) {
      if (word != name(one)) continue;
      scenario_.expect.verdict = one;
      known = true;
    }
    if (!known) verdict.expected("\"holds\", \"violated\" or \"inconclusive\"");
  }
  if (const TomlValue invariant = expect["invariant"]) {
    scenario_.expect.invariant = read_chosen_invariant(invariant);
    if (scenario_.expect.verdict != Verdict::kViolated) {
      invariant.wrong("only a scenario that expects \"violated\" names an invariant");
    }
  }
  if (const TomlValue states = expect["states"]) {
    scenario_.expect.states = static_cast<std::uint64_t>(states.number(1, INT64_MAX));
  }
  if (const TomlValue steps = expect["steps"]) {
    scenario_.expect.steps = static_cast<std::uint64_t>(steps.number(1, INT64_MAX));
    if (scenario_.expect.verdict != Verdict::kViolated) {
      steps.wrong("only a scenario that expects \"violated\" has a shortest run");
    }
  }
  expect.finish();
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view text, const std::string& where, std::string name) {
  const std::string shown = escape(where, 1024);
  if (!is_plain_line(name)) {
    return usage_error(ErrorCode::kScenario,
                       shown + ":1: a scenario's name is one line without control characters");
  }
  Result<toml::table> root = parse_toml(text, shown);
  if (!root) return root.error();
  return ScenarioReader(*root, shown, std::move(name)).read();
}

}  // namespace lockproof
