// SPDX-License-Identifier: Apache-2.0
// Searching: a search while it goes on. What it does alone is here, in one piece for the compiler;
// as one of several shards, in search_shard.cc; what it leaves to go on from, and how it does, in
// search_checkpoint.cc; what comes of it, in search_result.cc.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <tuple>
#include <utility>
#include <vector>

#include "core/table_memory.h"
#include "core/team.h"
#include "explore/graph.h"
#include "explore/search.h"
#include "explore/visited.h"
#include "explore/walk.h"

namespace lockproof::searching {

using SearchClock = std::chrono::steady_clock;

inline constexpr std::size_t kHeadroom = std::size_t{8} << 20;  // of memory, until the next look
inline constexpr std::size_t kSpareOnDisk = std::size_t{64} << 20;  // of each thread, likewise
inline constexpr std::size_t kChunk =
    512;  // states that are expanded at once: they fit into a cache
inline constexpr std::size_t kTeamChunk = 4096;  // of each thread, where they wait for each other
inline constexpr std::size_t kAlone = 512;       // fewer are expanded by one thread
inline constexpr std::size_t kRecent = 1 << 18;  // states given to other shards that are remembered
inline constexpr std::size_t kAhead = 12;        // how long before its use memory is asked for

inline constexpr Visited::Ref kNobody = Visited::kNobody;

struct Waiting {
  State state;
  Visited::Ref ref;
  Places asleep;  // by the way that led there first
};

// What entering a successor gave.
struct Entered {
  Visited::Ref ref;
  bool fresh;
};

// Where a claim was broken: on the way from a state to another. The shortest first: all are found
// from states of one depth, and one at rest needs no further step. Then by what they are, so that
// the one reported does not depend on the order of the search.
struct Found {
  const Claim* claim;
  Visited::Ref from;
  Fingerprint from_fingerprint;
  Fingerprint to;
  bool at_rest = false;  // the state itself, where nothing happens any more
};

inline bool before(const Found& a, const Found& b) {
  return std::tuple(!a.at_rest, a.claim, a.from_fingerprint, a.to) <
         std::tuple(!b.at_rest, b.claim, b.from_fingerprint, b.to);
}

// What one thread found out about its states of a chunk.
struct Part {
  std::vector<Successor> successors;
  std::vector<Entered> entered;  // by successor
  std::optional<Found> found;
  std::uint64_t transitions = 0;
  bool owned = false;  // somebody did, in a state that was judged
};

// Where the successors of a state are; no part: it is not expanded yet.
struct Expanded {
  Part* part = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Search {
  using Ref = Visited::Ref;

 public:
  Search(Space& space, const std::vector<const Claim*>& claims, const SearchLimits& limits,
         const std::function<bool(const SearchProgress&)>& watch, const SearchAids& aids)
      : space_(space),
        claims_(claims),
        limits_(limits),
        watch_(watch),
        aids_(aids),
        team_(std::max(1u, limits.jobs)),
        visited_(team_.size()),
        parts_(team_.size() + 1) {
    const auto asks = [](const Claim* claim) { return claim->never != ForEver::kNothing; };
    if (std::any_of(claims.begin(), claims.end(), asks)) graph_.emplace();
  }

  Result<SearchResult> run() {
    const State first = space_.first();
    const Fingerprint print = space_.fingerprint(first);
    if (aids_.shard) return run_shard(first, print);
    if (aids_.checkpoint && !aids_.checkpoint->resume.empty()) {
      if (auto resumed = resume(); !resumed.ok()) return resumed.error();
    } else {
      const auto entered = visited_.insert(visited_.share_of(print), print, kNobody);
      waiting_.push_back({first, entered.first, 0});
      left_ = 1;
    }
    result_.stopped = what_is_full();
    while (!waiting_.empty() && (!found_ || left_ != 0) && result_.stopped.empty()) {
      if (auto gone = expand_level(); !gone.ok()) return gone.error();
      ++depth_;
      if (left_ != 0) break;  // stopped in it
      left_ = found_ ? 0 : waiting_.size();
    }
    return finish();
  }

 private:
  // As one of several: search_shard.cc
  Result<SearchResult> run_shard(const State& first, const Fingerprint& print);
  void arrive(const ShardRound::Given& given);
  void tell(std::uint64_t before, ShardRound& mine);
  Result<std::vector<ShardRound>> read_rounds();
  bool wait_for(unsigned shard);
  void give_away();

  // Leaves what is needed to go on, and goes on from it: search_checkpoint.cc
  Result<> leave_checkpoint() const;
  Result<> resume();
  Result<> take_checkpoint(ByteReader& in);

  // What is left of the level; ends in the middle of it when the search is stopped.
  Result<> expand_level() {
    const std::size_t members = team_.size();
    const std::size_t most = members == 1 ? kChunk : kTeamChunk * members;
    while (left_ > 0 && result_.stopped.empty()) {
      const auto size = static_cast<std::ptrdiff_t>(std::min(most, left_));
      chunk_.assign(waiting_.begin(), waiting_.begin() + size);
      waiting_.erase(waiting_.begin(), waiting_.begin() + size);
      if (auto gone = expand_chunk(); !gone.ok()) return gone;
      left_ -= chunk_.size();
      look_around();
      if (auto left = checkpoint_if_due(); !left.ok()) return left;
    }
    return Nothing{};
  }

  Result<> checkpoint_if_due() {
    if (!aids_.checkpoint || aids_.checkpoint->file.empty()) return Nothing{};
    const double now = std::chrono::duration<double>(SearchClock::now() - start_).count();
    if (result_.stopped.empty() && now < last_checkpoint_ + aids_.checkpoint->every_s)
      return Nothing{};
    auto left = leave_checkpoint();
    last_checkpoint_ = std::chrono::duration<double>(SearchClock::now() - start_).count();
    return left;
  }

  Result<> expand_chunk() {
    const std::size_t size = chunk_.size();
    expanded_.assign(size, {});
    for (Part& part : parts_) part.successors.clear();
    const std::size_t members = team_.size();
    // For a few states it is not worth it to wake the others.
    const bool alone = members == 1 || size < kAlone;
    if (!alone) {
      team_.run([&](unsigned member) {
        expand_known(size * member / members, size * (member + 1) / members, parts_[member]);
      });
    }
    if (auto gone = expand_rest(); !gone.ok()) return gone;
    give_away();
    for (Part& part : parts_) part.entered.resize(part.successors.size());
    if (alone) {
      for (unsigned member = 0; member < members; ++member) enter(member);
    } else {
      team_.run([&](unsigned member) { enter(member); });
    }
    for (std::size_t at = 0; at < expanded_.size(); ++at) {
      const Expanded& expanded = expanded_[at];
      for (std::size_t i = expanded.begin; i < expanded.end; ++i) {
        const Entered& entered = expanded.part->entered[i];
        const Successor& successor = expanded.part->successors[i];
        if (!entered.fresh) continue;
        waiting_.push_back({successor.state, entered.ref, successor.asleep});
        if (aids_.shard) {
          seen_.push_back({successor.fingerprint, visited_.fingerprint(chunk_[at].ref)});
        }
      }
    }
    if (graph_) keep_steps();
    for (const Part& part : parts_) {
      if (part.found && (!found_ || before(*part.found, *found_))) found_ = part.found;
    }
    return Nothing{};
  }

  void prefetch(std::size_t at) const {
    if (at + kAhead < chunk_.size()) space_.prefetch(chunk_[at + kAhead].state);
  }

  void expand_known(std::size_t begin, std::size_t end, Part& part) {
    for (std::size_t i = begin; i < end; ++i) {
      prefetch(i);
      const std::size_t first = part.successors.size();
      const Waiting& state = chunk_[i];
      if (space_.expand_known(state.state, state.asleep, part.successors)) {
        expanded_[i] = take(state, part, first);
      }
    }
  }

  // What is not known must be learned, by one.
  Result<> expand_rest() {
    Part& part = parts_.back();
    for (std::size_t i = 0; i < expanded_.size(); ++i) {
      if (expanded_[i].part != nullptr) continue;
      prefetch(i);
      const std::size_t first = part.successors.size();
      const Waiting& state = chunk_[i];
      const auto gone = space_.expand(state.state, state.asleep, part.successors);
      if (!gone.ok()) return gone;
      expanded_[i] = take(state, part, first);
    }
    return Nothing{};
  }

  // The successors from `first` on are those of `from`. What breaks a claim is not followed.
  Expanded take(const Waiting& from, Part& part, std::size_t first) {
    std::vector<Successor>& all = part.successors;
    part.transitions += all.size() - first;
    if (claims_.empty()) return {&part, first, all.size()};
    const Facts facts = space_.facts(from.state);
    part.owned = part.owned || facts.owns != 0;
    bool at_rest = true;
    std::size_t end = first;
    for (std::size_t i = first; i < all.size(); ++i) {
      at_rest = at_rest && all[i].step.kind == Transition::Kind::kFault;
      if (const Claim* claim = broken(facts, all[i])) {
        report({claim, from.ref, visited_.fingerprint(from.ref), all[i].fingerprint}, part);
      } else {
        if (end != i) all[end] = all[i];
        ++end;
      }
    }
    // Where a call is refused, nothing seems to happen any more.
    if (at_rest && !was_refused()) judge_rest(from, facts, part);
    all.resize(end);
    return {&part, first, end};
  }

  const Claim* broken(const Facts& facts, const Successor& successor) const {
    const Facts after = space_.facts(successor.state);
    for (const Claim* claim : claims_) {
      if (claim->broken(facts, successor.step, after)) return claim;
    }
    return nullptr;
  }

  void judge_rest(const Waiting& state, const Facts& facts, Part& part) {
    const Rest rest = space_.rest(state.state);
    for (const Claim* claim : claims_) {
      if (claim->broken_at_rest == nullptr || !claim->broken_at_rest(facts, rest)) continue;
      const Fingerprint& print = visited_.fingerprint(state.ref);
      return report({claim, state.ref, print, print, true}, part);
    }
  }

  static void report(const Found& found, Part& part) {
    if (!part.found || before(found, *part.found)) part.found = found;
  }

  // The states whose fingerprints are this thread's, in the order of the level. Other threads'
  // are asked for as well: that is cheaper than to find out whose they are.
  void enter(unsigned share) {
    const Fingerprints& prints = visited_.prints(share);
    const bool all_mine = team_.size() == 1;
    for (std::size_t at = 0; at < expanded_.size(); ++at) {
      const Expanded& expanded = expanded_[at];
      const Successor* const all = expanded.part->successors.data();
      Entered* const entered = expanded.part->entered.data();
      const std::size_t ahead = expanded.part->successors.size() - 1;
      for (std::size_t i = expanded.begin; i < expanded.end; ++i) {
        prints.prefetch(all[std::min(i + 2 * kAhead, ahead)].fingerprint);
        prints.prefetch_found(all[std::min(i + kAhead, ahead)].fingerprint);
        const Fingerprint& print = all[i].fingerprint;
        if (!all_mine && visited_.share_of(print) != share) continue;
        const auto [ref, fresh] = visited_.insert(share, print, chunk_[at].ref);
        entered[i] = {ref, fresh};
      }
    }
  }

  void keep_steps() {
    for (std::size_t at = 0; at < expanded_.size(); ++at) {
      const Expanded& expanded = expanded_[at];
      graph_->expand(chunk_[at].ref, space_.facts(chunk_[at].state));
      for (std::size_t i = expanded.begin; i < expanded.end; ++i) {
        graph_->add(expanded.part->entered[i].ref, expanded.part->successors[i].step);
      }
    }
  }

  bool was_refused() const { return !refused_before_.empty() || !space_.refusals().empty(); }
  // Of the whole search, also of what was before it was resumed.
  std::vector<std::string> refusals() const {
    std::vector<std::string> all = refused_before_;
    for (const std::string& refusal : space_.refusals()) {
      if (std::ranges::find(all, refusal) == all.end()) all.push_back(refusal);
    }
    return all;
  }
  unsigned learned() const { return learned_before_ | (aids_.learned ? aids_.learned() : 0); }

  std::uint64_t transitions() const {
    std::uint64_t all = 0;
    for (const Part& part : parts_) all += part.transitions;
    return all;
  }

  SearchProgress progress() const {
    SearchProgress progress;
    progress.states = visited_.size();
    progress.bytes = visited_.bytes();
    progress.transitions = transitions();
    progress.waiting = waiting_.size();
    progress.depth = depth_;
    progress.seconds = std::chrono::duration<double>(SearchClock::now() - start_).count();
    if (graph_) progress.bytes += graph_->bytes();
    progress.bytes += space_.bytes() + waiting_.size() * sizeof(Waiting);
    return progress;
  }

  void look_around() {
    const SearchProgress now = progress();
    if (limits_.seconds > 0 && now.seconds >= limits_.seconds) {
      result_.stopped = {ErrorCode::kTimeBudget,
                         fmt::format("the time budget of {:.4g} s was reached", limits_.seconds)};
    } else if (Reason full = what_is_full(); !full.empty()) {
      result_.stopped = std::move(full);
    } else if ((limits_.states > 0 && now.states >= limits_.states) ||
               now.states >= Visited::kMost - (1u << 20)) {
      result_.stopped = {ErrorCode::kBound,
                         fmt::format("the limit of {} states was reached", now.states)};
    } else if (now.seconds >= next_look_) {
      next_look_ = now.seconds + 0.1;
      if (watch_ && !watch_(now)) result_.stopped = {ErrorCode::kInterrupted, "interrupted"};
    }
  }

  // Tables that are spilled take from the disk, and else from memory.
  Reason what_is_full() const {
    const std::size_t soon = kHeadroom + visited_.bytes_to_grow() + space_.bytes_to_grow();
    const auto room = room_to_spill();
    if (room && *room < soon + kSpareOnDisk * team_.size()) {
      return {ErrorCode::kMemoryBudget,
              fmt::format("the folder of --spill has only {} MiB left", *room >> 20)};
    }
    if (limits_.bytes > 0 && resident_bytes() + (room ? kHeadroom : soon) >= limits_.bytes) {
      return {ErrorCode::kMemoryBudget,
              fmt::format("the memory budget of {} MiB was reached", limits_.bytes >> 20)};
    }
    return {};
  }

  // What comes of it: search_result.cc
  Result<SearchResult> finish();
  std::vector<Fingerprint> way_to(Ref ref) const;
  Result<> tell_found();
  Result<> tell_for_ever();

  Space& space_;
  const std::vector<const Claim*>& claims_;
  const SearchLimits& limits_;
  const std::function<bool(const SearchProgress&)>& watch_;
  const SearchAids& aids_;
  const SearchClock::time_point start_ = SearchClock::now();

  Team team_;
  Visited visited_;          // one a thread
  std::vector<Part> parts_;  // one a thread, the last one of who learns
  std::vector<Expanded> expanded_;
  std::optional<Graph> graph_;   // kept where a claim asks for it
  std::deque<Waiting> waiting_;  // the rest of this level, then the next one
  std::vector<Waiting> chunk_;   // those that are being expanded
  std::optional<Found> found_;
  // Of a shard: its states of the next level, what this one gives to others, and what was given.
  std::vector<SeenState> seen_;
  std::vector<std::vector<ShardRound::Given>> given_;
  std::vector<Fingerprint> recently_given_;
  SearchResult result_;
  unsigned depth_ = 0;
  std::size_t left_ = 0;  // of waiting_: those of this level
  double last_checkpoint_ = 0;
  unsigned learned_before_ = 0;  // before it was resumed, likewise:
  std::vector<std::string> refused_before_;
  double next_look_ = 0.1;
};

}  // namespace lockproof::searching
