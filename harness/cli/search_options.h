// SPDX-License-Identifier: Apache-2.0
// The options that say what is searched, for `check` and for `replay` of what it printed.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "check/check.h"
#include "core/result.h"

namespace lockproof {

struct SearchWords {
  int processes = 0;
  int kills = -1;
  std::string time = "any";
  std::string world;
  std::string strategy;  // "": search
  std::optional<std::int64_t> seed;
  std::optional<std::int64_t> executions;
  bool keep_going = false;
  std::string budget;
  std::string memory;
  std::string spill;
  bool no_merging = false;
  int jobs = 0;  // 0: as many as there are processors
};

// `world`: auto, sim or live; "": what the command does by itself. Errors: kUsage, another word.
Result<InWorld> world_of(const SearchWords& words, InWorld by_itself);

// `bounds_only`: without strategies and limits.
void add_search_options(CLI::App& command, SearchWords& words, bool bounds_only = false);
// The bounds and limits of a search in the simulated kernel.
void add_plain_search_options(CLI::App& command, SearchWords& words);

// With --spill, the tables of all that follows are there. Errors: kUsage, which option and what was
// expected; also one that means nothing to the strategy.
Result<CheckOptions> check_options(const SearchWords& words);

// The options that a replay needs to mean the same; begins with a space, or is empty.
std::string words_again(const SearchWords& words);

}  // namespace lockproof
