// SPDX-License-Identifier: Apache-2.0
// Sharing: which search a folder of shards belongs to (explore/shards.h), and one shard of it.
//
// The first shard writes down what is searched, in the file `search` of the folder: the scenario,
// its bounds, how many shards there are, the version. A shard of anything else is refused, and who
// merges reads there what to merge.
#pragma once

#include <string>
#include <vector>

#include "check/judge.h"

namespace lockproof {

struct SharedSearch {
  std::string scenario;  // as `check` finds it
  int processes = 0;     // as in StageOptions
  int kills = -1;
  std::string time;  // as at --time
  unsigned shards = 0;
  std::string version;  // of Lockproof

  bool operator==(const SharedSearch&) const = default;
};

// Of the folder. Errors: kUsage, there is none.
Result<SharedSearch> read_shared_search(const std::string& folder);
// The folder is made, and the file written, where they are not there. Errors: kUsage, another
// search has the folder, or it cannot be made; kInternal, the file could not be written.
Result<> join_shared_search(const std::string& folder, const SharedSearch& search);

struct ShardDone {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  double seconds = 0;
  Reason stopped;  // why it has not done its part; "": it has
};
// The part of one shard of the scenario's search; `options.shard` says which. Its mutants are left
// to who merges. Errors: kUsage, the scenario cannot be searched in parts; as judge_by_search().
Result<ShardDone> search_shard(const Scenario& scenario, const CheckOptions& options);

}  // namespace lockproof
