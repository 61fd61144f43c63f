// SPDX-License-Identifier: Apache-2.0
// search: every state of a space, breadth first.
//
// The first run found that breaks a claim is a shortest one: no run with fewer steps breaks any of
// the claims. A state that breaks one is not followed further. When the last state was expanded and
// nothing was refused, every run within the bounds of the space has been seen (Holzmann, "The SPIN
// Model Checker", 2003, chapter 8, for the method).
//
// What can go on for ever is asked when all has been seen: the steps are kept for it (graph.h).
//
// It goes level by level, and each level in chunks: the threads expand what is known, one of them
// learns the rest, then each enters the states of its share of the fingerprints. The order of all
// that is kept is that of one thread. So the result depends neither on timing nor on the number of
// threads, unless a limit of time or memory was reached.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "explore/claims.h"
#include "explore/shards.h"
#include "world/space.h"

namespace lockproof {

struct SearchLimits {
  double seconds = 0;     // 0: none, likewise the others
  std::size_t bytes = 0;  // of memory, for states and what belongs to them
  std::uint64_t states = 0;
  unsigned jobs = 1;  // threads
};

struct SearchProgress {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t waiting = 0;  // states that are known and not expanded
  unsigned depth = 0;
  double seconds = 0;
  std::size_t bytes = 0;
};

struct Breach {
  const Claim* claim = nullptr;
  std::vector<Choice> choices;  // from the start, with processes numbered by birth
  bool at_rest = false;         // broken by what does not happen any more
  std::size_t round = 0;        // the last so many choices come back to where they began
};

struct SearchResult {
  std::optional<Breach> breach;
  bool exhausted = false;
  Reason stopped;  // why not, one sentence
  SearchProgress end;
  double collision_chance = 0;
  bool owned = false;  // somebody ever did; REQUIRES: there were claims
  std::vector<std::string> refusals;
  unsigned learned = 0;  // what SearchAids::learned said in the end, here or in another shard
};

// Where a search leaves, time and again and when it is stopped, all that it needs to go on: after
// it was killed it ends as if it had not been. A file is complete, or it is the one before.
struct CheckpointPlan {
  std::string file;     // to write; "": none
  std::string resume;   // to begin from; "": from the start
  std::string of_what;  // the search: a file of another one is refused (kUsage)
  double every_s = 60;
};

// What a checkpoint is of. Errors: kUsage, it is none.
Result<std::string> checkpoint_of(const std::string& file);

// What a search has besides its memory.
struct SearchAids {
  std::optional<ShardPlace> shard{};  // it is one of several, and goes through its part
  std::optional<CheckpointPlan> checkpoint{};
  // Bits for what was learned since it began that makes it worth nothing: it ends when one shard
  // says so. Null: nothing is.
  std::function<unsigned()> learned{};
};

// `watch` is called about ten times a second; when it returns false the search stops.
// Errors: as Space::expand().
Result<SearchResult> search(Space& space, const std::vector<const Claim*>& claims,
                            const SearchLimits& limits,
                            const std::function<bool(const SearchProgress&)>& watch,
                            const SearchAids& aids = {});

// What the shards of a search have found, as search() would: each state once, and the same breach
// wherever it was found, by a run of the same length. REQUIRES: `place` has no index.
// Errors: as Space::expand(); kStopped, a shard is missing; kUsage, the files do not fit together.
Result<SearchResult> merge_shards(Space& space, const std::vector<const Claim*>& claims,
                                  const ShardPlace& place);

}  // namespace lockproof
