// SPDX-License-Identifier: Apache-2.0
// Shards: one search by several processes, which share a folder and nothing else.
//
// Each state belongs to one shard, by its fingerprint. They go level by level, as one process does:
// in a round each shard expands its states of the level, and leaves one sealed file in the folder:
// which states these were, each with the one that it was met from; what it found; and the
// successors that belong to others, packed. With the files of all it goes on to the next level. So
// no state is kept or expanded twice, and what all have seen is what one process would have seen.
//
// A file depends on nothing but the files of the rounds before. Who dies can be started again: it
// goes through its states once more, finds what others left, and writes what is missing. Two
// processes that are the same shard write the same.
//
//   FOLDER/ATTEMPT/ROUND.SHARD, such as 0/000012.3: what other shards need
//   FOLDER/ATTEMPT/ROUND.SHARD.seen, there before it: its states
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/sealed_file.h"
#include "explore/claims.h"
#include "world/space.h"

namespace lockproof {

struct ShardPlace {
  std::string folder;
  unsigned attempt = 0;     // searches of one scenario: a later one replaces those before
  unsigned index = 0;       // from 0
  unsigned count = 1;       // of shards
  double patience_s = 600;  // how long a round waits for a file of another shard
  std::string command;      // that runs one, but for its --shard
};

inline unsigned shard_of(const Fingerprint& print, unsigned count) {
  return static_cast<unsigned>(print.low % count);
}

// A claim that was broken, as Found in search.cc.
struct FoundElsewhere {
  std::string invariant;
  Fingerprint from;
  Fingerprint to;
  bool at_rest = false;
};

// A state that a shard has, and the one that it was met from; zero: the first state.
struct SeenState {
  Fingerprint state;
  Fingerprint from;
};

// What one shard did in a round.
struct ShardRound {
  struct Given {
    State state;
    Fingerprint print;
    Fingerprint from;
    Places asleep = 0;
  };
  std::uint64_t states = 0;  // that it expanded: all that it has of this level
  // By shard: its successors that belong to others. In a round that was read: those that belong to
  // who reads, in the place of that.
  std::vector<std::vector<Given>> given;
  std::optional<FoundElsewhere> found;
  std::uint64_t transitions = 0;  // in this round
  bool owned = false;             // somebody did
  unsigned learned = 0;           // SearchAids::learned
  std::vector<std::string> refusals;
};

std::string round_file(const ShardPlace& place, unsigned round, unsigned shard);
// The files of a round. Errors: kEnvironment, one could not be written; kUsage, it is damaged, or
// of another search than `space`; as Space::unpack().
Result<> write_round(const ShardPlace& place, unsigned round, const ShardRound& mine,
                     const std::vector<SeenState>& seen, const Space& space);
// `for_whom`: what is given to this shard is unpacked; none: nothing is.
Result<ShardRound> read_round(const ShardPlace& place, unsigned round, unsigned shard,
                              std::optional<unsigned> for_whom, Space& space);
Result<std::vector<SeenState>> read_seen(const ShardPlace& place, unsigned round, unsigned shard);

// When the rounds are over, as all shards and who merges tell from the files of a round.
enum class AfterRound {
  kNext,
  kClose,  // a claim is broken: the states of the next level count, and are not expanded
  kDone
};
AfterRound after_round(const std::vector<ShardRound>& rounds, bool was_closing);

}  // namespace lockproof
