// SPDX-License-Identifier: Apache-2.0
// What the words of `check` and `replay` name: scenarios, and mutants.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "core/result.h"
#include "subject/scenario.h"

namespace lockproof {

// As find_scenarios(); and "family/protocol" that is a mutant of some scenario: that scenario, with
// the mutant in the subject's place and the invariant that must catch it alone.
Result<std::vector<Scenario>> find_checked(const std::vector<std::string>& words);

// A command of somebody else's in place of a scenario.
struct OneLine {
  std::string wrapper;
  std::string worker;
  std::string daemon;

  bool is_given() const { return !wrapper.empty() || !worker.empty() || !daemon.empty(); }
  // The options that give it again; begins with a space, or is empty.
  std::string again() const;
};
// The option that finds the scenario again whose name does not: "" for an installed one; else it
// begins with a space.
std::string file_again(const Scenario& scenario);
void add_one_line_options(CLI::App& command, OneLine& line);
// Its scenario. REQUIRES: is_given()
Result<Scenario> scenario_of(const OneLine& line);
// The same with a name that a schedule can bear.
Result<Scenario> checked_line(const OneLine& line);
// find_checked(), or the scenario of the line. Errors: kUsage, which begins with the name of the
// command where there is neither, or both.
Result<std::vector<Scenario>> find_chosen(const std::string& command,
                                          const std::vector<std::string>& scenarios,
                                          const OneLine& line);
// Of a line so many contend in a search, unless it is said how many.
inline constexpr int kContendersOfALine = 2;

}  // namespace lockproof
