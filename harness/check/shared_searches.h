// SPDX-License-Identifier: Apache-2.0
// SharedSearches: one search for all scenarios that differ only in what they promise.
//
// Scenarios of one subject often begin alike: the same cast, files and faults, and each has
// promises and mutants of its own. What can happen is then the same in all of them, state by state;
// so one search asks for the promises of all. What it saw is shared unless a promise is broken:
// then each scenario is searched by itself, and told of its own promises only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "check/judge.h"
#include "subject/scenario.h"

namespace lockproof {

class SharedSearches {
 public:
  // To be said of each scenario before the first one is judged. One that expects to be violated, or
  // cannot be explored, shares nothing.
  void expect(const Scenario& scenario, const StageOptions& options);

  // As judge_by_search() with the scenario's invariants; `stage` is the scenario's own. What was
  // searched before took no time, and says in which scenario it was searched.
  Result<Judged> judge(Stage& stage, const Scenario& scenario, const CheckOptions& options);

 private:
  // Of scenarios in which the same can happen.
  struct Group {
    std::vector<std::string> invariants;  // of all
    unsigned scenarios = 0;
    bool is_broken = false;
    std::optional<Judged> seen;
    std::string seen_in;  // the scenario
  };
  std::map<std::string, Group> groups_;  // by Stage::what_can_happen()
};

}  // namespace lockproof
