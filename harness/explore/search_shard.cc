// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <thread>

#include "explore/searching.h"

namespace lockproof::searching {
namespace {

constexpr const char* kNoGraphInShards =
    "what goes on for ever is asked of all states at once, which no shard has; expected a scenario "
    "without no_livelock, no_hot_spin and parent_death_noticed, or no --shard";

}  // namespace

// Round by round: each is a level, and what the others leave of it.
Result<SearchResult> Search::run_shard(const State& first, const Fingerprint& print) {
  if (graph_) return usage_error(ErrorCode::kNotTogether, kNoGraphInShards);
  const ShardPlace& place = *aids_.shard;
  std::error_code error;
  std::filesystem::create_directories(fmt::format("{}/{}", place.folder, place.attempt), error);
  if (error)
    return environment_error(ErrorCode::kNotWritten,
                             fmt::format("{}: {}", place.folder, error.message()));
  recently_given_.resize(kRecent);
  if (shard_of(print, place.count) == place.index) arrive({first, print, {}, 0});
  for (bool closing = false;; ++depth_) {
    ShardRound mine;
    const std::vector<SeenState> seen = std::exchange(seen_, {});
    mine.states = seen.size();
    given_.assign(place.count, {});
    const std::uint64_t before = transitions();
    if (closing) waiting_.clear();
    left_ = waiting_.size();
    if (auto gone = expand_level(); !gone.ok()) return gone.error();
    if (!result_.stopped.empty()) return finish();
    tell(before, mine);
    if (auto told = write_round(place, depth_, mine, seen, space_); !told.ok()) return told.error();
    auto rounds = read_rounds();
    if (!rounds.ok()) return rounds.error();
    if (!result_.stopped.empty()) return finish();
    for (const ShardRound& round : *rounds) {
      result_.learned |= round.learned;
      for (const auto& given : round.given[place.index]) arrive(given);
    }
    const AfterRound next = after_round(*rounds, closing);
    if (next == AfterRound::kDone) return finish();
    closing = next == AfterRound::kClose;
  }
}

void Search::arrive(const ShardRound::Given& given) {
  const auto [ref, fresh] = visited_.insert(visited_.share_of(given.print), given.print, kNobody);
  if (!fresh) return;
  waiting_.push_back({given.state, ref, given.asleep});
  seen_.push_back({given.print, given.from});
}

void Search::tell(std::uint64_t before, ShardRound& mine) {
  mine.given = std::move(given_);
  if (found_) {
    mine.found = FoundElsewhere{std::string(found_->claim->invariant), found_->from_fingerprint,
                                found_->to, found_->at_rest};
  }
  mine.transitions = transitions() - before;
  for (const Part& part : parts_) mine.owned = mine.owned || part.owned;
  mine.learned = learned();
  mine.refusals = space_.refusals();
}

// Those of all shards, in their order. Waits for the ones that are not there.
Result<std::vector<ShardRound>> Search::read_rounds() {
  const ShardPlace& place = *aids_.shard;
  std::vector<ShardRound> rounds;
  for (unsigned shard = 0; shard < place.count; ++shard) {
    if (!wait_for(shard)) return rounds;
    auto round = read_round(place, depth_, shard, place.index, space_);
    if (!round.ok()) return round.error();
    rounds.push_back(std::move(*round));
  }
  return rounds;
}

bool Search::wait_for(unsigned shard) {
  const ShardPlace& place = *aids_.shard;
  const std::string file = round_file(place, depth_, shard);
  const SearchClock::time_point begun = SearchClock::now();
  for (auto pause = std::chrono::milliseconds(1); ::access(file.c_str(), F_OK) != 0;
       pause = std::min(2 * pause, std::chrono::milliseconds(100))) {
    look_around();
    if (!result_.stopped.empty()) return false;
    if (std::chrono::duration<double>(SearchClock::now() - begun).count() > place.patience_s) {
      result_.stopped = {ErrorCode::kShardMissing,
                         fmt::format("shard {}/{} has left nothing of round {} for {:.4g} s",
                                     shard + 1, place.count, depth_, place.patience_s)};
      return false;
    }
    std::this_thread::sleep_for(pause);
  }
  return true;
}

// Successors that belong to other shards are given to them; most of those that they have already
// are left out.
void Search::give_away() {
  if (!aids_.shard) return;
  const ShardPlace& place = *aids_.shard;
  for (std::size_t at = 0; at < expanded_.size(); ++at) {
    Expanded& expanded = expanded_[at];
    std::vector<Successor>& all = expanded.part->successors;
    std::size_t end = expanded.begin;
    for (std::size_t i = expanded.begin; i < expanded.end; ++i) {
      const unsigned shard = shard_of(all[i].fingerprint, place.count);
      if (shard == place.index) {
        all[end++] = all[i];
      } else if (std::exchange(recently_given_[all[i].fingerprint.high % kRecent],
                               all[i].fingerprint) != all[i].fingerprint) {
        given_[shard].push_back({all[i].state, all[i].fingerprint,
                                 visited_.fingerprint(chunk_[at].ref), all[i].asleep});
      }
    }
    expanded.end = end;
  }
}

}  // namespace lockproof::searching
