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

// Where a long search leaves how far it is, and goes on.
struct CheckpointWords {
  std::string file;
  std::string every;
  std::string resume;

  bool is_given() const { return !file.empty() || !every.empty() || !resume.empty(); }
};
void add_checkpoint_options(CLI::App& command, CheckpointWords& words);
// Errors: kUsage, an option; a search that leaves none.
Result<> set_checkpoints(const CheckpointWords& words, const std::vector<Scenario>& scenarios,
                         CheckOptions& options);

// The exit code: 0, it has done its part, of which only `merge` tells a verdict; 3, it has not.
int run_shard(const ShardWords& words, const std::vector<std::string>& names,
              const std::vector<Scenario>& scenarios, const SearchWords& search,
              CheckOptions options);

}  // namespace lockproof
