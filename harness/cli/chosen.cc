// SPDX-License-Identifier: Apache-2.0
#include "cli/chosen.h"

#include <cctype>
#include <optional>
#include <utility>

#include "cli/paths.h"
#include "subject/shell_words.h"

namespace lockproof {
namespace {

std::optional<Scenario> scenario_of_mutant(const std::string& word,
                                           const std::filesystem::path& root) {
  if (find_builtin(word) == nullptr) return std::nullopt;
  const auto all = find_scenarios({root.string()}, root);
  if (!all) return std::nullopt;
  for (const Scenario& scenario : *all) {
    const auto found = scenario.mutants.find(word);
    if (found == scenario.mutants.end()) continue;
    Scenario mutated = scenario;
    mutated.name = word;
    mutated.subject.builtin = find_builtin(word);
    mutated.invariants = {found->second};
    mutated.mutants.clear();
    mutated.expect = {Verdict::kViolated, found->second, {}, {}};
    return mutated;
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<Scenario>> find_checked(const std::vector<std::string>& words) {
  const std::filesystem::path root = scenario_root();
  std::vector<Scenario> chosen;
  for (const std::string& word : words) {
    auto found = find_scenarios({word}, root);
    if (!found) {
      auto mutant = scenario_of_mutant(word, root);
      if (!mutant) return found.error();
      found = std::vector<Scenario>{std::move(*mutant)};
    }
    for (Scenario& scenario : *found) {
      bool known = false;
      for (const Scenario& one : chosen) known = known || one.name == scenario.name;
      if (!known) chosen.push_back(std::move(scenario));
    }
  }
  return chosen;
}

std::string OneLine::again() const {
  if (!wrapper.empty()) return " --wrapper " + join_words({wrapper});
  if (!worker.empty()) return " --worker " + join_words({worker});
  return daemon.empty() ? "" : " --daemon " + join_words({daemon});
}

std::string file_again(const Scenario& scenario) {
  std::error_code error;
  const auto place = std::filesystem::proximate(scenario.file, scenario_root(), error);
  if (scenario.file.empty() || *place.begin() != "..") return "";
  return " --scenario " + join_words({scenario.file.string()});
}

void add_one_line_options(CLI::App& command, OneLine& line) {
  command
      .add_option("--wrapper", line.wrapper,
                  "a command that holds its lock while it runs {critical}; {dir} is the run's "
                  "directory")
      ->type_name("COMMAND");
  command
      .add_option("--worker", line.worker,
                  "a program that prints acquired (or busy), waits for the end of its input, "
                  "prints released")
      ->type_name("COMMAND");
  command
      .add_option("--daemon", line.daemon,
                  "a command that leaves {critical} running in the background")
      ->type_name("COMMAND");
}

Result<Scenario> scenario_of(const OneLine& line) {
  using Type = CommandSubject::Type;
  const std::pair<Type, const std::string*> forms[] = {{Type::kWrapper, &line.wrapper},
                                                       {Type::kWorker, &line.worker},
                                                       {Type::kDaemon, &line.daemon}};
  std::optional<Result<Scenario>> chosen;
  for (const auto& [type, command] : forms) {
    if (command->empty()) continue;
    if (chosen)
      return usage_error(ErrorCode::kNotTogether,
                         "expected one of --wrapper, --worker and --daemon");
    chosen = one_line_scenario(type, *command);
  }
  return std::move(*chosen);
}

Result<Scenario> checked_line(const OneLine& line) {
  auto scenario = scenario_of(line);
  if (!scenario.ok()) return scenario;
  for (char& c : scenario->name) {
    if (c == ':') c = '/';
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (!fits && std::string_view("_/-.").find(c) == std::string_view::npos) c = '_';
  }
  return scenario;
}

Result<std::vector<Scenario>> find_chosen(const std::string& command,
                                          const std::vector<std::string>& scenarios,
                                          const OneLine& line) {
  if (line.is_given() == !scenarios.empty()) {
    return usage_error(
        ErrorCode::kNotTogether,
        command + ": expected scenarios, or one of --wrapper, --worker and --daemon");
  }
  if (!line.is_given()) return find_checked(scenarios);
  auto scenario = checked_line(line);
  if (!scenario.ok()) return scenario.error();
  return std::vector<Scenario>{std::move(*scenario)};
}

}  // namespace lockproof
