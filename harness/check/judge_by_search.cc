// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "check/conform.h"
#include "check/judge.h"

namespace lockproof {
namespace {

constexpr unsigned kConformanceRuns = 200;
constexpr std::uint64_t kConformanceSeed = 1;

// What was searched of one subject, and what came of it.
struct Searched {
  SearchResult search;
  sim::Pids pids = sim::Pids::kSymbolic;
  Conformance conformance;
};

// The claims that can be searched; the others are named in `unknown`.
std::vector<const Claim*> claims_of(const std::vector<std::string>& invariants,
                                    std::vector<std::string>& unknown) {
  std::vector<const Claim*> claims;
  for (const std::string& name : invariants) {
    if (const Claim* claim = find_claim(name)) {
      claims.push_back(claim);
    } else {
      unknown.push_back(name);
    }
  }
  return claims;
}

// What a search learns that makes it worth nothing (SearchAids::learned).
constexpr unsigned kPidsAreNumbers = 1;
constexpr unsigned kStatesAreSeen = 2;

// Which attempt it is: 0 to 3.
unsigned attempt_of(Stage& stage, sim::Pids pids) {
  return (pids == sim::Pids::kConcrete ? 2u : 0u) + (stage.tables().states_are_seen ? 1u : 0u);
}

// Of one attempt: what a checkpoint is of.
std::string what_is_searched(const Stage& stage, const std::vector<const Claim*>& claims,
                             const CheckpointPlan& plan, unsigned attempt) {
  std::string what = fmt::format("{}|{}", plan.of_what, stage.what_can_happen());
  for (const Claim* const claim : claims) what += fmt::format("|{}", claim->invariant);
  return what + fmt::format("|attempt {}", attempt);
}

// One process, a shard, or what shards have left.
Result<SearchResult> seek(sim::SimSpace& space, Stage& stage,
                          const std::vector<const Claim*>& claims, const CheckOptions& options,
                          const SearchLimits& limits, sim::Pids pids) {
  const unsigned attempt = attempt_of(stage, pids);
  const bool states_were_seen = stage.tables().states_are_seen;
  SearchAids aids{options.shard, options.checkpoint, [&] {
                    const bool numbers = pids == sim::Pids::kSymbolic && space.pids_are_numbers();
                    const bool seen = stage.tables().states_are_seen != states_were_seen;
                    return (numbers ? kPidsAreNumbers : 0u) | (seen ? kStatesAreSeen : 0u);
                  }};
  if (aids.shard) aids.shard->attempt = attempt;
  if (aids.shard && options.merges) return merge_shards(space, claims, *aids.shard);
  if (aids.checkpoint) {
    aids.checkpoint->of_what = what_is_searched(stage, claims, *aids.checkpoint, attempt);
  }
  return search(space, claims, limits, options.watch, aids);
}

Result<Searched> search_with(Stage& stage, sim::Pids pids, const std::vector<const Claim*>& claims,
                             const CheckOptions& options, const SearchLimits& limits, bool& again) {
  Searched searched;
  searched.pids = pids;
  const bool states_were_seen = stage.tables().states_are_seen;
  auto space = sim::SimSpace::make(stage.space(pids), stage.tables());
  if (!space.ok()) return space.error();
  auto conformance = conform(stage, **space, kConformanceRuns, kConformanceSeed);
  if (!conformance.ok()) return conformance.error();
  searched.conformance = *conformance;
  again = stage.tables().states_are_seen != states_were_seen ||
          (pids == sim::Pids::kSymbolic &&
           (!conformance->difference.empty() || (*space)->pids_are_numbers()));
  if (again) return searched;
  if (!conformance->difference.empty()) {
    return environment_error(
        ErrorCode::kModelDiffers,
        "the search differs from the simulated kernel: " + conformance->difference);
  }
  auto result = seek(**space, stage, claims, options, limits, pids);
  if (!result.ok()) return result.error();
  if ((result->learned & kStatesAreSeen) != 0) stage.tables().states_are_seen = true;
  // A search that ended because a pid is no name to the subject has not ended for good.
  const bool over = !result->stopped.empty() && !result->breach;
  again = (pids == sim::Pids::kSymbolic &&
           ((*space)->pids_are_numbers() || (result->learned & kPidsAreNumbers) != 0)) ||
          (!over && stage.tables().states_are_seen != states_were_seen);
  searched.search = std::move(*result);
  return searched;
}

// With pids as names where the subject permits it, else as they are, and so in pid namespaces,
// where a number is a name to some only; and with the deaths of processes in all their steps once
// somebody was seen to look at them.
Result<Searched> search_subject(Stage& stage, const std::vector<const Claim*>& claims,
                                CheckOptions options) {
  SearchLimits limits = options.limits;  // what is left of the time after each attempt
  unsigned first = 0;                    // the attempt that a checkpoint is of
  if (options.checkpoint && !options.checkpoint->resume.empty()) {
    const auto what = checkpoint_of(options.checkpoint->resume);
    if (!what.ok()) return what.error();
    first = what->empty() ? 0u : static_cast<unsigned>(what->back() - '0') & 3u;
    if ((first & 1) != 0) stage.tables().states_are_seen = true;
  }
  for (const sim::Pids pids : {sim::Pids::kSymbolic, sim::Pids::kConcrete}) {
    const bool never = options.stage.pids_as_they_are || !stage.start().namespaces.empty();
    if (pids == sim::Pids::kSymbolic && (never || (first & 2) != 0)) continue;
    if (pids == sim::Pids::kConcrete) stage.take_pids_as_they_are();
    bool again = true;
    bool states_were_seen = stage.tables().states_are_seen;
    for (int attempt = 0; attempt < 2; ++attempt) {
      auto searched = search_with(stage, pids, claims, options, limits, again);
      if (!searched.ok() || !again) return searched;
      if (options.checkpoint) options.checkpoint->resume.clear();
      if (limits.seconds > 0) {
        limits.seconds = std::max(limits.seconds - searched->search.end.seconds, 1e-9);
      }
      if (stage.tables().states_are_seen == states_were_seen) break;
      states_were_seen = stage.tables().states_are_seen;
    }
  }
  return internal_error(ErrorCode::kInternal, "a search that never ends");
}

std::string how_it_was_seen(const Searched& searched, bool symmetry) {
  const SearchResult& search = searched.search;
  std::string text = fmt::format("{} steps deep", search.end.depth);
  text += searched.pids == sim::Pids::kSymbolic ? "; pids are names" : "; pids as they are";
  if (symmetry && searched.pids == sim::Pids::kSymbolic) {
    text += ", and contenders that differ by nothing else are one";
  }
  const auto& [runs, steps, difference] = searched.conformance;
  text += fmt::format("; {} random runs agreed with the simulated kernel step by step", runs);
  if (!difference.empty()) text += ", and one did not: " + difference;
  text += fmt::format("; chance that two states were taken for one: below {:.0e}",
                      std::max(search.collision_chance, 1e-30));
  return text;
}

}  // namespace

Result<Judged> judge_by_search(Stage& stage, const std::vector<std::string>& invariants,
                               const CheckOptions& options) {
  Judged judged;
  auto searched = search_subject(stage, claims_of(invariants, judged.unjudged), options);
  if (!searched.ok()) return searched.error();
  SearchResult& search = searched->search;
  judged.pids = searched->pids;
  judged.exhausted = search.exhausted;
  judged.owned = search.owned;
  judged.stopped = std::move(search.stopped);
  if (judged.stopped.code == ErrorCode::kTimeBudget) {  // of a later attempt: what was left of it
    judged.stopped = {ErrorCode::kTimeBudget, fmt::format("the time budget of {:.4g} s was reached",
                                                          options.limits.seconds)};
  }
  judged.counts = {{"states", search.end.states}, {"transitions", search.end.transitions}};
  judged.seconds = search.end.seconds;
  if (search.breach) {
    judged.broken =
        Broken{std::string(search.breach->claim->invariant), std::move(search.breach->choices),
               search.breach->at_rest, search.breach->round == 0, search.breach->round};
  }
  if (search.exhausted) {
    judged.seen = "every run, with any number of retries";
    judged.how = how_it_was_seen(*searched, stage.space(searched->pids).symmetry);
  }
  return judged;
}

}  // namespace lockproof
