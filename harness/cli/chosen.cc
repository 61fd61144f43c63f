// SPDX-License-Identifier: Apache-2.0
#include "cli/chosen.h"

#include "cli/paths.h"

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

}  // namespace lockproof
