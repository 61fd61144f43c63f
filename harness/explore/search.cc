// SPDX-License-Identifier: Apache-2.0
#include "explore/search.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>

#include "core/team.h"
#include "explore/graph.h"
#include "explore/visited.h"
#include "explore/walk.h"

namespace lockproof {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeadroom = std::size_t{8} << 20;  // of memory, until the next look
constexpr std::size_t kChunk = 2048;                     // states that a thread expands at once
constexpr std::size_t kAlone = 512;                      // fewer are expanded by one thread
constexpr std::size_t kAhead = 8;  // how long before its use memory is asked for

using Ref = Visited::Ref;
constexpr Ref kNobody = Visited::kNobody;

struct Waiting {
  State state;
  Ref ref;
};

// A successor, but for the state itself.
struct Met {
  Fingerprint fingerprint;
  Ref from;
  Ref to;  // its own number
  bool fresh;
};

// Where a claim was broken: on the way from a state to another. The shortest first: all are found
// from states of one depth, and one at rest needs no further step. Then by what they are, so that
// the one reported does not depend on the order of the search.
struct Found {
  const Claim* claim;
  Ref from;
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

// What one thread found out about its states of a chunk.
struct Part {
  std::vector<Successor> successors;  // of one state
  std::vector<Met> met;
  std::vector<State> states;      // of met
  std::vector<Transition> steps;  // to met, where the graph is kept
  std::optional<Found> found;
  std::uint64_t transitions = 0;
  std::vector<Met*> own;  // of all parts, those whose fingerprints are this thread's
};

// Where the successors of a state are; no part: it is not expanded yet.
struct Expanded {
  Part* part = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Search {
 public:
  Search(Space& space, const std::vector<const Claim*>& claims, const SearchLimits& limits,
         const std::function<bool(const SearchProgress&)>& watch)
      : space_(space),
        claims_(claims),
        limits_(limits),
        watch_(watch),
        team_(std::max(1u, limits.jobs)),
        visited_(team_.size()),
        parts_(team_.size() + 1) {
    const auto asks = [](const Claim* claim) { return claim->never != ForEver::kNothing; };
    if (std::any_of(claims.begin(), claims.end(), asks)) graph_.emplace();
  }

  Result<SearchResult> run() {
    const State first = space_.first();
    const Fingerprint print = space_.fingerprint(first);
    level_.push_back({first, visited_.insert(visited_.share_of(print), print, kNobody).first});
    while (!level_.empty() && !found_ && result_.stopped.empty()) {
      if (auto gone = expand_level(); !gone.ok()) return gone.error();
      level_.swap(next_);
      next_.clear();
      at_ = 0;
      ++depth_;
    }
    return finish();
  }

 private:
  Result<> expand_level() {
    const std::size_t most = kChunk * team_.size();
    while (at_ < level_.size() && result_.stopped.empty()) {
      const std::size_t end = std::min(at_ + most, level_.size());
      if (auto gone = expand_chunk(at_, end); !gone.ok()) return gone;
      at_ = end;
      look_around();
    }
    return Nothing{};
  }

  Result<> expand_chunk(std::size_t begin, std::size_t end) {
    expanded_.assign(end - begin, {});
    for (Part& part : parts_) {
      part.met.clear();
      part.states.clear();
      part.steps.clear();
      part.own.clear();
    }
    const std::size_t size = end - begin, members = team_.size();
    // For a few states it is not worth it to wake the others.
    const bool alone = members == 1 || size < kAlone;
    if (!alone) {
      team_.run([&](unsigned member) {
        expand_known(begin, size * member / members, size * (member + 1) / members, parts_[member]);
      });
    }
    if (auto gone = expand_rest(begin); !gone.ok()) return gone;
    if (alone) {
      for (unsigned member = 0; member < members; ++member) enter(member);
    } else {
      team_.run([&](unsigned member) { enter(member); });
    }
    for (const Expanded& expanded : expanded_) {
      for (std::size_t i = expanded.begin; i < expanded.end; ++i) {
        const Met& met = expanded.part->met[i];
        if (met.fresh) next_.push_back({expanded.part->states[i], met.to});
      }
    }
    if (graph_) keep_steps(begin);
    for (const Part& part : parts_) {
      if (part.found && (!found_ || before(*part.found, *found_))) found_ = part.found;
    }
    return Nothing{};
  }

  void prefetch(std::size_t at) const {
    if (at + 2 * kAhead < level_.size()) {
      space_.prefetch(level_[at + 2 * kAhead].state, Space::Soon::kFar);
      space_.prefetch(level_[at + kAhead].state, Space::Soon::kNear);
    }
  }

  void expand_known(std::size_t chunk, std::size_t begin, std::size_t end, Part& part) {
    for (std::size_t i = begin; i < end; ++i) {
      prefetch(chunk + i);
      part.successors.clear();
      const Waiting& state = level_[chunk + i];
      if (space_.expand_known(state.state, part.successors)) expanded_[i] = take(state, part);
    }
  }

  // What is not known must be learned, by one.
  Result<> expand_rest(std::size_t chunk) {
    Part& part = parts_.back();
    for (std::size_t i = 0; i < expanded_.size(); ++i) {
      if (expanded_[i].part != nullptr) continue;
      prefetch(chunk + i);
      part.successors.clear();
      const Waiting& state = level_[chunk + i];
      if (auto gone = space_.expand(state.state, part.successors); !gone.ok()) return gone;
      expanded_[i] = take(state, part);
    }
    return Nothing{};
  }

  // What breaks a claim is not followed.
  Expanded take(const Waiting& from, Part& part) {
    Expanded expanded{&part, part.met.size(), part.met.size()};
    const Facts facts = space_.facts(from.state);
    bool at_rest = true;
    for (const Successor& successor : part.successors) {
      at_rest = at_rest && successor.step.kind == Transition::Kind::kFault;
      if (const Claim* claim = broken(facts, successor)) {
        report({claim, from.ref, visited_.fingerprint(from.ref), successor.fingerprint}, part);
      } else {
        part.met.push_back({successor.fingerprint, from.ref, kNobody, false});
        part.states.push_back(successor.state);
        if (graph_) part.steps.push_back(successor.step);
      }
    }
    if (at_rest) judge_rest(from, facts, part);
    part.transitions += part.successors.size();
    expanded.end = part.met.size();
    return expanded;
  }

  const Claim* broken(const Facts& facts, const Successor& successor) const {
    if (claims_.empty()) return nullptr;
    const Facts after = space_.facts(successor.state);
    for (const Claim* claim : claims_) {
      if (claim->broken(facts, successor.step, after)) return claim;
    }
    return nullptr;
  }

  void judge_rest(const Waiting& state, const Facts& facts, Part& part) {
    for (const Claim* claim : claims_) {
      if (claim->broken_at_rest == nullptr || !claim->broken_at_rest(facts)) continue;
      const Fingerprint& print = visited_.fingerprint(state.ref);
      return report({claim, state.ref, print, print, true}, part);
    }
  }

  static void report(const Found& found, Part& part) {
    if (!part.found || before(found, *part.found)) part.found = found;
  }

  // The states whose fingerprints are this thread's, in the order of the level.
  void enter(unsigned share) {
    std::vector<Met*>& own = parts_[share].own;
    for (const Expanded& expanded : expanded_) {
      for (std::size_t i = expanded.begin; i < expanded.end; ++i) {
        Met& met = expanded.part->met[i];
        if (visited_.share_of(met.fingerprint) == share) own.push_back(&met);
      }
    }
    const Fingerprints& prints = visited_.prints(share);
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (i + 2 * kAhead < own.size()) prints.prefetch(own[i + 2 * kAhead]->fingerprint);
      if (i + kAhead < own.size()) prints.prefetch_found(own[i + kAhead]->fingerprint);
      const auto [to, fresh] = visited_.insert(share, own[i]->fingerprint, own[i]->from);
      own[i]->to = to;
      own[i]->fresh = fresh;
    }
  }

  void keep_steps(std::size_t begin) {
    for (std::size_t i = 0; i < expanded_.size(); ++i) {
      const Waiting& from = level_[begin + i];
      const Expanded& expanded = expanded_[i];
      graph_->expand(from.ref, space_.facts(from.state));
      for (std::size_t k = expanded.begin; k < expanded.end; ++k) {
        graph_->add(expanded.part->met[k].to, expanded.part->steps[k]);
      }
    }
  }

  SearchProgress progress() const {
    SearchProgress progress;
    progress.states = visited_.size();
    progress.bytes = visited_.bytes();
    for (const Part& part : parts_) progress.transitions += part.transitions;
    progress.waiting = level_.size() - std::min(level_.size(), at_) + next_.size();
    progress.depth = depth_;
    progress.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    if (graph_) progress.bytes += graph_->bytes();
    progress.bytes += space_.bytes() + (level_.size() + next_.size()) * sizeof(Waiting);
    return progress;
  }

  void look_around() {
    const SearchProgress now = progress();
    if (limits_.seconds > 0 && now.seconds >= limits_.seconds) {
      result_.stopped = fmt::format("the time budget of {:.4g} s was reached", limits_.seconds);
    } else if (limits_.bytes > 0 &&
               resident_bytes() + kHeadroom + visited_.bytes_to_grow() + space_.bytes_to_grow() >=
                   limits_.bytes) {
      result_.stopped = fmt::format("the memory budget of {} MiB was reached", limits_.bytes >> 20);
    } else if ((limits_.states > 0 && now.states >= limits_.states) ||
               now.states >= Visited::kMost - (1u << 20)) {
      result_.stopped = fmt::format("the limit of {} states was reached", now.states);
    } else if (now.seconds >= next_look_) {
      next_look_ = now.seconds + 0.1;
      if (watch_ && !watch_(now)) result_.stopped = "interrupted";
    }
  }

  Result<SearchResult> finish() {
    result_.end = progress();
    result_.collision_chance = collision_chance(result_.end.states);
    result_.refusals = space_.refusals();
    result_.exhausted = !found_ && result_.stopped.empty() && result_.refusals.empty();
    if (!result_.exhausted && result_.stopped.empty() && !found_) {
      result_.stopped = "the model refused: " + result_.refusals.front();
    }
    if (auto told = found_ ? tell_found() : tell_for_ever(); !told.ok()) return told.error();
    return std::move(result_);
  }

  // From the start to a state.
  std::vector<Fingerprint> way_to(Ref ref) const {
    std::vector<Fingerprint> way;
    for (; ref != kNobody; ref = visited_.from(ref)) way.push_back(visited_.fingerprint(ref));
    std::reverse(way.begin(), way.end());
    return way;
  }

  Result<> tell_found() {
    std::vector<Fingerprint> way = way_to(found_->from);
    if (!found_->at_rest) way.push_back(found_->to);
    auto choices = walk(space_, way);
    if (!choices.ok()) return choices.error();
    result_.breach = Breach{found_->claim, std::move(choices).value(), found_->at_rest};
    return Nothing{};
  }

  Result<> tell_for_ever() {
    if (!result_.exhausted || !graph_) return Nothing{};
    for (const Claim* claim : claims_) {
      std::optional<Graph::Cycle> cycle;
      if (claim->never == ForEver::kLivelock) cycle = graph_->livelock();
      if (claim->never == ForEver::kHotSpin) cycle = graph_->hot_spin();
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

  Space& space_;
  const std::vector<const Claim*>& claims_;
  const SearchLimits& limits_;
  const std::function<bool(const SearchProgress&)>& watch_;
  const Clock::time_point start_ = Clock::now();

  Team team_;
  Visited visited_;          // one a thread
  std::vector<Part> parts_;  // one a thread, the last one of who learns
  std::vector<Expanded> expanded_;
  std::optional<Graph> graph_;  // kept where a claim asks for it
  std::deque<Waiting> level_;   // grows without a copy
  std::deque<Waiting> next_;
  std::optional<Found> found_;
  SearchResult result_;
  std::size_t at_ = 0;  // of level_
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
