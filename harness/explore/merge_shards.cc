// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "explore/search.h"
#include "explore/walk.h"
#include "world/fingerprints.h"

namespace lockproof {
namespace {

class Merge {
 public:
  Merge(Space& space, const std::vector<const Claim*>& claims, const ShardPlace& place)
      : space_(space), claims_(claims), place_(place), states_(place.count) {}

  Result<SearchResult> run() {
    for (bool closing = false;; ++round_) {
      auto rounds = read();
      if (!rounds.ok()) return rounds.error();
      take(*rounds, closing);
      const AfterRound next = after_round(*rounds, closing);
      if (next == AfterRound::kDone) break;
      closing = next == AfterRound::kClose;
    }
    if (auto counted = count(); !counted.ok()) return counted.error();
    return finish();
  }

 private:
  Result<std::vector<ShardRound>> read() {
    if (const Reason lost = missing(); !lost.empty()) return stopped_error(lost.code, lost);
    std::vector<ShardRound> rounds;
    for (unsigned shard = 0; shard < place_.count; ++shard) {
      auto round = read_round(place_, round_, shard, std::nullopt, space_);
      if (!round.ok()) return round.error();
      auto seen = read_seen(place_, round_, shard);
      if (!seen.ok()) return seen.error();
      if (seen->size() != round->states) {
        return usage_error(ErrorCode::kShards,
                           round_file(place_, round_, shard) + ": it does not fit to its states");
      }
      for (const SeenState& one : *seen) states_[shard].push_back(one.state);
      rounds.push_back(std::move(*round));
    }
    return rounds;
  }

  // Of this round; empty: none is.
  Reason missing() const {
    std::vector<std::string> lost;
    for (unsigned shard = 0; shard < place_.count; ++shard) {
      if (::access(round_file(place_, round_, shard).c_str(), F_OK) == 0) continue;
      lost.push_back(fmt::format("{}/{}", shard + 1, place_.count));
    }
    if (lost.empty()) return {};
    return {ErrorCode::kShardMissing,
            fmt::format("shard {} is missing from round {} on; run {} --shard {}",
                        fmt::join(lost, ", "), round_, place_.command, lost.front())};
  }

  void take(const std::vector<ShardRound>& rounds, bool closing) {
    for (const ShardRound& round : rounds) {
      result_.end.transitions += round.transitions;
      result_.owned = result_.owned || round.owned;
      result_.learned |= round.learned;
      for (const std::string& refusal : round.refusals) {
        auto& all = result_.refusals;
        if (std::ranges::find(all, refusal) == all.end()) all.push_back(refusal);
      }
      if (round.found && !closing && (!found_ || before(*round.found, *found_))) {
        found_ = round.found;
        found_in_ = round_;
      }
      if (round.states != 0 && !closing) result_.end.depth = round_ + 1;
    }
  }

  std::size_t rank(const std::string& invariant) const {
    const auto is_it = [&](const Claim* claim) { return claim->invariant == invariant; };
    return static_cast<std::size_t>(std::ranges::find_if(claims_, is_it) - claims_.begin());
  }

  // As in search.cc. All are found in one round.
  bool before(const FoundElsewhere& a, const FoundElsewhere& b) const {
    return std::tuple(!a.at_rest, rank(a.invariant), a.from, a.to) <
           std::tuple(!b.at_rest, rank(b.invariant), b.from, b.to);
  }

  // Each state is where it belongs, and once.
  Result<> count() {
    for (unsigned shard = 0; shard < place_.count; ++shard) {
      std::vector<Fingerprint>& all = states_[shard];
      std::ranges::sort(all);
      const bool strange = std::ranges::any_of(
          all, [&](const Fingerprint& print) { return shard_of(print, place_.count) != shard; });
      if (strange || std::ranges::adjacent_find(all) != all.end()) {
        return usage_error(ErrorCode::kShards,
                           fmt::format("{}: shard {}/{} has states of others, or one twice",
                                       place_.folder, shard + 1, place_.count));
      }
      result_.end.states += all.size();
    }
    return Nothing{};
  }

  Result<SearchResult> finish() {
    result_.collision_chance = collision_chance(result_.end.states);
    result_.exhausted = !found_ && result_.learned == 0 && result_.refusals.empty();
    if (!result_.refusals.empty() && !found_) {
      result_.stopped = {ErrorCode::kRefused, "the model refused: " + result_.refusals.front()};
    }
    if (!found_ || result_.learned != 0) return std::move(result_);
    auto way = way_to(*found_);
    if (!way.ok()) return way.error();
    auto choices = walk(space_, *way);
    if (!choices.ok()) return choices.error();
    const std::size_t claim = rank(found_->invariant);
    if (claim == claims_.size()) {
      return usage_error(ErrorCode::kShards,
                         place_.folder + ": the shards have judged other invariants");
    }
    result_.breach = Breach{claims_[claim], std::move(*choices), found_->at_rest};
    return std::move(result_);
  }

  // From the start, round by round backwards.
  Result<std::vector<Fingerprint>> way_to(const FoundElsewhere& found) const {
    std::vector<Fingerprint> way;
    if (!found.at_rest) way.push_back(found.to);
    Fingerprint at = found.from;
    for (unsigned round = found_in_ + 1; round-- > 0;) {
      way.push_back(at);
      auto seen = read_seen(place_, round, shard_of(at, place_.count));
      if (!seen.ok()) return seen.error();
      const auto is_it = [&](const SeenState& one) { return one.state == at; };
      const auto it = std::ranges::find_if(*seen, is_it);
      if (it == seen->end())
        return usage_error(ErrorCode::kShards, place_.folder + ": a state that nobody has seen");
      at = it->from;
    }
    std::ranges::reverse(way);
    return way;
  }

  Space& space_;
  const std::vector<const Claim*>& claims_;
  const ShardPlace& place_;
  std::vector<std::vector<Fingerprint>> states_;  // by shard
  unsigned round_ = 0;
  std::optional<FoundElsewhere> found_;
  unsigned found_in_ = 0;
  SearchResult result_;
};

}  // namespace

Result<SearchResult> merge_shards(Space& space, const std::vector<const Claim*>& claims,
                                  const ShardPlace& place) {
  return Merge(space, claims, place).run();
}

}  // namespace lockproof
