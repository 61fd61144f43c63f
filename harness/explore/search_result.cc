// SPDX-License-Identifier: Apache-2.0
// What comes of a search: the run that breaks a claim, from the start; and what may go on for ever.
#include "explore/searching.h"

namespace lockproof::searching {

Result<SearchResult> Search::finish() {
  result_.end = progress();
  result_.collision_chance = collision_chance(result_.end.states);
  result_.refusals = refusals();
  for (const Part& part : parts_) result_.owned = result_.owned || part.owned;
  if (!aids_.shard) result_.learned = learned();
  result_.exhausted = !found_ && result_.stopped.empty() && result_.refusals.empty();
  if (!result_.refusals.empty() && result_.stopped.empty() && !found_) {
    result_.stopped = {ErrorCode::kRefused, "the model refused: " + result_.refusals.front()};
  }
  if (aids_.shard) {  // which shows nothing by itself
    result_.exhausted = false;
    return std::move(result_);
  }
  if (auto told = found_ ? tell_found() : tell_for_ever(); !told.ok()) return told.error();
  return std::move(result_);
}

// From the start to a state.
std::vector<Fingerprint> Search::way_to(Ref ref) const {
  std::vector<Fingerprint> way;
  for (; ref != kNobody; ref = visited_.from(ref)) way.push_back(visited_.fingerprint(ref));
  std::reverse(way.begin(), way.end());
  return way;
}

Result<> Search::tell_found() {
  std::vector<Fingerprint> way = way_to(found_->from);
  if (!found_->at_rest) way.push_back(found_->to);
  auto choices = walk(space_, way);
  if (!choices.ok()) return choices.error();
  result_.breach = Breach{found_->claim, std::move(choices).value(), found_->at_rest};
  return Nothing{};
}

Result<> Search::tell_for_ever() {
  if (!result_.exhausted || !graph_) return Nothing{};
  for (const Claim* claim : claims_) {
    std::optional<Graph::Cycle> cycle;
    if (claim->never == ForEver::kLivelock) cycle = graph_->livelock();
    if (claim->never == ForEver::kHotSpin) cycle = graph_->hot_spin();
    if (claim->never == ForEver::kOrphan) cycle = graph_->orphan();
    if (!cycle) continue;
    std::vector<Fingerprint> way = way_to(cycle->at);
    std::vector<std::uint8_t> round;
    for (const Graph::Step& step : cycle->way) {
      way.push_back(visited_.fingerprint(step.to));
      round.push_back(step.actor);
    }
    auto choices = walk(space_, way, round);
    if (!choices.ok()) return choices.error();
    result_.breach = Breach{claim, std::move(choices).value(), false, round.size()};
    result_.exhausted = false;
    return Nothing{};
  }
  return Nothing{};
}

}  // namespace lockproof::searching
