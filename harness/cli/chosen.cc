// SPDX-License-Identifier: Apache-2.0
#include "cli/chosen.h"

#include <cctype>

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
  if (!is_given()) return "";
  return wrapper.empty() ? " --worker " + join_words({worker})
                         : " --wrapper " + join_words({wrapper});
}

void add_one_line_options(CLI::App& command, OneLine& line) {
  command
      .add_option("--wrapper", line.wrapper,
                  "a command that holds its lock while it runs {critical}, in {dir}")
      ->type_name("COMMAND");
  command
      .add_option("--worker", line.worker,
                  "a program that prints acquired, waits for the end of its input, prints released")
      ->type_name("COMMAND");
}

Result<Scenario> checked_line(const OneLine& line) {
  if (!line.wrapper.empty() && !line.worker.empty()) {
    return usage_error("expected --wrapper or --worker, not both");
  }
  using Type = CommandSubject::Type;
  auto scenario = line.worker.empty() ? one_line_scenario(Type::kWrapper, line.wrapper)
                                      : one_line_scenario(Type::kWorker, line.worker);
  if (!scenario.ok()) return scenario;
  for (char& c : scenario->name) {
    if (c == ':') c = '/';
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (!fits && std::string_view("_/-.").find(c) == std::string_view::npos) c = '_';
  }
  return scenario;
}

}  // namespace lockproof
