// SPDX-License-Identifier: Apache-2.0
#include "explore/search.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>

#include "explore/visited.h"
#include "explore/walk.h"

namespace lockproof {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeadroom = std::size_t{8} << 20;  // of memory, until the next look
constexpr std::size_t kBatch = 16;  // states expanded before their successors are looked up

struct Waiting {
  State state;
  Visited::Id id;
};

// Where a claim was broken: on the way from a state to another. The shortest first: all are found
// from states of one depth, and one at rest needs no further step. Then by what they are, so that
// the one reported does not depend on the order of the search.
struct Found {
  const Claim* claim;
  Visited::Id from;
  Fingerprint from_fingerprint;
  Fingerprint to;
  bool at_rest = false;  // the state itself, where nothing happens any more
};

bool before(const Found& a, const Found& b) {
  return std::tuple(!a.at_rest, a.claim, a.from_fingerprint, a.to) <
         std::tuple(!b.at_rest, b.claim, b.from_fingerprint, b.to);
}

// What the process has in memory: what is promised is the process, not our count.
std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class Search {
 public:
  Search(Space& space, const std::vector<const Claim*>& claims, const SearchLimits& limits,
         const std::function<bool(const SearchProgress&)>& watch)
      : space_(space), claims_(claims), limits_(limits), watch_(watch) {}

  Result<SearchResult> run() {
    const State first = space_.first();
    level_.push_back({first, visited_.insert(space_.fingerprint(first), Visited::kNobody).first});
    while (!level_.empty() && !found_ && result_.stopped.empty()) {
      if (auto gone = expand_level(); !gone.ok()) return gone.error();
      level_.swap(next_);
      next_.clear();
      ++depth_;
    }
    return finish();
  }

 private:
  Result<> expand_level() {
    for (std::size_t i = 0; i < level_.size() && result_.stopped.empty(); i += kBatch) {
      if (auto gone = expand_batch(i); !gone.ok()) return gone;
      at_ = i;
      if (++batches_ % 64 == 0) look_around();
    }
    return Nothing{};
  }

  // The successors of some states are collected first, so that the memory that they need arrives
  // while others are computed.
  Result<> expand_batch(std::size_t begin) {
    const std::size_t end = std::min(begin + kBatch, level_.size());
    for (std::size_t i = end; i < std::min(end + kBatch, level_.size()); ++i) {
      space_.prefetch(level_[i].state);
    }
    successors_.clear();
    std::array<std::size_t, kBatch> ends;
    for (std::size_t i = begin; i < end; ++i) {
      if (auto expanded = space_.expand(level_[i].state, successors_); !expanded.ok())
        return expanded;
      ends[i - begin] = successors_.size();
    }
    for (const Successor& successor : successors_) visited_.prefetch(successor.fingerprint);
    std::size_t next = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const Facts facts = space_.facts(level_[i].state);
      bool at_rest = true;
      for (; next < ends[i - begin]; ++next) {
        at_rest = at_rest && successors_[next].step.kind == Transition::Kind::kFault;
        meet(level_[i], facts, successors_[next]);
      }
      if (at_rest) judge_rest(level_[i], facts);
    }
    transitions_ += successors_.size();
    return Nothing{};
  }

  void meet(const Waiting& from, const Facts& before_facts, const Successor& successor) {
    const Facts after = space_.facts(successor.state);
    for (const Claim* claim : claims_) {
      if (!claim->broken(before_facts, successor.step, after)) continue;
      const Found found = {claim, from.id, visited_.fingerprint(from.id), successor.fingerprint};
      if (!found_ || before(found, *found_)) found_ = found;
      return;
    }
    const auto [id, fresh] = visited_.insert(successor.fingerprint, from.id);
    if (fresh) next_.push_back({successor.state, id});
  }

  void judge_rest(const Waiting& state, const Facts& facts) {
    for (const Claim* claim : claims_) {
      if (claim->broken_at_rest == nullptr || !claim->broken_at_rest(facts)) continue;
      const Fingerprint& print = visited_.fingerprint(state.id);
      const Found found = {claim, state.id, print, print, true};
      if (!found_ || before(found, *found_)) found_ = found;
      return;
    }
  }

  SearchProgress progress() const {
    SearchProgress progress;
    progress.states = visited_.size();
    progress.transitions = transitions_;
    progress.waiting = level_.size() - std::min(level_.size(), at_) + next_.size();
    progress.depth = depth_;
    progress.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    progress.bytes =
        visited_.bytes() + space_.bytes() + (level_.size() + next_.size()) * sizeof(Waiting);
    return progress;
  }

  void look_around() {
    const SearchProgress now = progress();
    if (limits_.seconds > 0 && now.seconds >= limits_.seconds) {
      result_.stopped = fmt::format("the time budget of {:.4g} s was reached", limits_.seconds);
    } else if (limits_.bytes > 0 &&
               resident_bytes() + kHeadroom + visited_.bytes_to_grow() >= limits_.bytes) {
      result_.stopped = fmt::format("the memory budget of {} MiB was reached", limits_.bytes >> 20);
    } else if ((limits_.states > 0 && now.states >= limits_.states) ||
               now.states >= Visited::kMaxStates - (1u << 20)) {
      result_.stopped = fmt::format("the limit of {} states was reached", now.states);
    } else if (now.seconds >= next_look_) {
      next_look_ = now.seconds + 0.1;
      if (watch_ && !watch_(now)) result_.stopped = "interrupted";
    }
  }

  Result<SearchResult> finish() {
    result_.end = progress();
    result_.collision_chance = visited_.collision_chance();
    result_.refusals = space_.refusals();
    result_.exhausted = !found_ && result_.stopped.empty() && result_.refusals.empty();
    if (!result_.exhausted && result_.stopped.empty() && !found_) {
      result_.stopped = "the model refused: " + result_.refusals.front();
    }
    if (!found_) return std::move(result_);
    std::vector<Fingerprint> way;
    if (!found_->at_rest) way.push_back(found_->to);
    for (Visited::Id id = found_->from; id != Visited::kNobody; id = visited_.from(id)) {
      way.push_back(visited_.fingerprint(id));
    }
    std::reverse(way.begin(), way.end());
    auto choices = walk(space_, way);
    if (!choices.ok()) return choices.error();
    result_.breach = Breach{found_->claim, std::move(choices).value(), found_->at_rest};
    return std::move(result_);
  }

  Space& space_;
  const std::vector<const Claim*>& claims_;
  const SearchLimits& limits_;
  const std::function<bool(const SearchProgress&)>& watch_;
  const Clock::time_point start_ = Clock::now();

  Visited visited_;
  std::deque<Waiting> level_;  // grows without a copy
  std::deque<Waiting> next_;
  std::vector<Successor> successors_;
  std::optional<Found> found_;
  SearchResult result_;
  std::uint64_t transitions_ = 0;
  std::uint64_t batches_ = 0;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  double next_look_ = 0.1;
};

}  // namespace

Result<SearchResult> search(Space& space, const std::vector<const Claim*>& claims,
                            const SearchLimits& limits,
                            const std::function<bool(const SearchProgress&)>& watch) {
  return Search(space, claims, limits, watch).run();
}

}  // namespace lockproof
