// SPDX-License-Identifier: Apache-2.0
// One shard of a search, for `check --shard`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/search_options.h"
#include "subject/scenario.h"

namespace lockproof {

struct ShardWords {
  std::string shard;  // "3/8"
  std::string folder;
  std::string patience;

  bool is_given() const { return !shard.empty() || !folder.empty() || !patience.empty(); }
};

void add_shard_options(CLI::App& command, ShardWords& words);

// How a shard of it is run, but for --shard.
std::string shard_command(const std::string& scenario, const SearchWords& search,
                          const std::string& folder);

// The exit code: 0, it has done its part, of which only `merge` tells a verdict; 3, it has not.
int run_shard(const ShardWords& words, const std::vector<std::string>& names,
              const std::vector<Scenario>& scenarios, const SearchWords& search,
              CheckOptions options);

}  // namespace lockproof
