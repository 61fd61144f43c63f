// SPDX-License-Identifier: Apache-2.0
#include "check/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "check/conform.h"
#include "explore/execution.h"
#include "sim/sim_world.h"

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

Result<Searched> search_with(Stage& stage, sim::Pids pids, const std::vector<const Claim*>& claims,
                             const CheckOptions& options, bool& again) {
  Searched searched;
  searched.pids = pids;
  const bool states_were_seen = stage.tables().states_are_seen;
  auto space = sim::SimSpace::make(stage.space(pids), stage.tables());
  if (!space.ok()) return space.error();
  auto conformance = conform(stage, **space, kConformanceRuns, kConformanceSeed);
  if (!conformance.ok()) return conformance.error();
  searched.conformance = *conformance;
  again = pids == sim::Pids::kSymbolic &&
          (!conformance->difference.empty() || (*space)->pids_are_numbers());
  if (again) return searched;
  auto result = search(**space, claims, options.limits, options.watch);
  if (!result.ok()) return result.error();
  again = (pids == sim::Pids::kSymbolic && (*space)->pids_are_numbers()) ||
          stage.tables().states_are_seen != states_were_seen;
  searched.search = std::move(*result);
  return searched;
}

// With pids as names where the subject permits it, else as they are; and with the deaths of
// processes in all their steps once somebody was seen to look at them.
Result<Searched> search_subject(Stage& stage, const std::vector<const Claim*>& claims,
                                const CheckOptions& options) {
  for (const sim::Pids pids : {sim::Pids::kSymbolic, sim::Pids::kConcrete}) {
    bool again = true;
    bool states_were_seen = stage.tables().states_are_seen;
    for (int attempt = 0; attempt < 2; ++attempt) {
      auto searched = search_with(stage, pids, claims, options, again);
      if (!searched.ok() || !again) return searched;
      if (stage.tables().states_are_seen == states_were_seen) break;
      states_were_seen = stage.tables().states_are_seen;
    }
  }
  return internal_error("a search that never ends");
}

// Where the order of all steps is known, one attempt tells.
Bounds of_one_attempt(Bounds bounds) {
  bounds.wait_attempts = 1;
  return bounds;
}

// The run again, in the world itself, judged by the invariant.
Result<Finding> confirm(Stage& stage, const Breach& breach, const Bounds& bounds,
                        std::vector<Event>& events) {
  sim::SimWorld world;
  const std::vector<std::string> invariants = {std::string(breach.claim->invariant)};
  const Problem setup{
      world, stage.start(), stage.rules(), stage.outside(), invariants, of_one_attempt(bounds), {}};
  Execution run(setup);
  if (auto begun = run.begin(); !begun.ok()) return begun.error();
  for (const Choice choice : breach.choices) {
    if (!run.moves().possible(choice)) {
      return internal_error("the search found a run that the simulated kernel does not permit");
    }
    if (auto taken = run.take(choice); !taken.ok()) return taken.error();
  }
  std::vector<Finding> findings = run.judge(breach.at_rest);
  events = run.history(breach.at_rest);
  if (findings.empty()) {
    return internal_error(
        fmt::format("the search says that {} is broken, and the invariant does not: {}",
                    breach.claim->invariant, encode({"run", 1, breach.choices})));
  }
  return std::move(findings.front());
}

std::string certificate(const Searched& searched) {
  const SearchResult& search = searched.search;
  std::string text =
      fmt::format("every run within these bounds was seen, {} steps deep", search.end.depth);
  text += searched.pids == sim::Pids::kSymbolic
              ? "; pids are names, and contenders that differ by nothing else are one"
              : "; pids as they are";
  text += fmt::format("; {} random runs agreed with the simulated kernel step by step",
                      searched.conformance.runs);
  text += fmt::format("; chance that two states were taken for one: below {:.0e}",
                      std::max(search.collision_chance, 1e-30));
  return text;
}

MutantResult check_mutant(const Scenario& scenario, const std::string& name,
                          const std::string& invariant, const CheckOptions& options,
                          std::vector<std::string>& notes) {
  MutantResult result{name, false, invariant};
  Scenario mutated = scenario;
  mutated.invariants = {invariant};
  const Builtin* subject = find_builtin(name);
  auto stage = Stage::make(mutated, *subject, options.stage);
  if (!stage.ok()) {
    notes.push_back(fmt::format("mutant {}: {}", name, stage.error().sentence));
    return result;
  }
  std::vector<std::string> unknown;
  const auto searched = search_subject(**stage, claims_of(mutated.invariants, unknown), options);
  if (!searched.ok() || !searched->search.breach) {
    const std::string why = searched.ok() ? searched->search.stopped : searched.error().sentence;
    if (!why.empty()) notes.push_back(fmt::format("mutant {}: {}", name, why));
    return result;
  }
  std::vector<Event> events;
  const auto finding = confirm(**stage, *searched->search.breach, scenario.bounds, events);
  result.caught = finding.ok();
  if (!finding.ok()) notes.push_back(fmt::format("mutant {}: {}", name, finding.error().sentence));
  result.steps = searched->search.breach->choices.size();
  return result;
}

}  // namespace

Result<RunResult> check(const Scenario& scenario, const CheckOptions& options) {
  RunResult result;
  result.scenario = scenario.name;
  result.subject = scenario.subject.name();
  result.world = "sim";
  result.strategy = "search";
  result.invariants = scenario.invariants;
  if (scenario.subject.builtin == nullptr) {
    result.verdict = Verdict::kSkipped;
    result.reason = "a command is not searched yet; `lockproof stress` judges it";
    return result;
  }
  auto stage = Stage::make(scenario, *scenario.subject.builtin, options.stage);
  if (!stage.ok()) return stage.error();
  result.bounds = (*stage)->bounds();
  result.notes = (*stage)->notes();
  std::vector<std::string> unknown;
  const auto claims = claims_of(scenario.invariants, unknown);
  auto searched = search_subject(**stage, claims, options);
  if (!searched.ok()) {
    if (searched.error().kind == Error::Kind::kInternal) return searched.error();
    result.reason = searched.error().sentence;
    return result;
  }
  const SearchResult& search = searched->search;
  result.counts = {{"states", search.end.states}, {"transitions", search.end.transitions}};
  result.seconds = search.end.seconds;
  if (search.breach) {
    auto finding = confirm(**stage, *search.breach, scenario.bounds, result.history.events);
    if (!finding.ok()) return finding.error();
    result.verdict = Verdict::kViolated;
    result.findings = {std::move(*finding)};
    result.reason = "";
    Schedule schedule{scenario.name, 1, search.breach->choices};
    result.replay = "lockproof replay " + encode(schedule);
    result.steps = search.breach->choices.size();
    return result;
  }
  result.reason = search.stopped;
  if (search.exhausted && !unknown.empty()) {
    result.reason = "not judged by a search: " + fmt::format("{}", fmt::join(unknown, ", "));
  }
  if (search.exhausted && !(*stage)->left_out().empty()) {
    result.notes.push_back(
        fmt::format("left to stress: the faults {}", fmt::join((*stage)->left_out(), ", ")));
  }
  if (search.exhausted) result.notes.push_back(certificate(*searched));
  if (!result.reason.empty()) return result;
  result.verdict = Verdict::kHolds;
  if (!options.mutants) return result;
  for (const auto& [name, invariant] : scenario.mutants) {
    result.mutants.push_back(check_mutant(scenario, name, invariant, options, result.notes));
    if (result.mutants.back().caught || result.verdict != Verdict::kHolds) continue;
    result.verdict = Verdict::kInconclusive;
    result.reason =
        fmt::format("the mutant {} was not caught: this scenario would not notice", name);
  }
  return result;
}

Result<RunResult> replay(const Scenario& scenario, const Schedule& schedule,
                         const StageOptions& options) {
  if (scenario.subject.builtin == nullptr) {
    return usage_error(fmt::format(
        "{}: a command is not searched yet, so no schedule is a run of it", scenario.name));
  }
  auto stage = Stage::make(scenario, *scenario.subject.builtin, options);
  if (!stage.ok()) return stage.error();
  sim::SimWorld world;
  const Problem setup{world,
                      (*stage)->start(),
                      (*stage)->rules(),
                      (*stage)->outside(),
                      scenario.invariants,
                      of_one_attempt(scenario.bounds),
                      {}};
  Execution run(setup);
  if (auto begun = run.begin(); !begun.ok()) return begun.error();
  for (std::size_t i = 0; i < schedule.choices.size(); ++i) {
    if (!run.moves().possible(schedule.choices[i])) {
      return usage_error(fmt::format("step {} of the schedule is not possible there", i + 1));
    }
    if (auto taken = run.take(schedule.choices[i]); !taken.ok()) return taken.error();
  }
  RunResult result;
  result.scenario = scenario.name;
  result.subject = scenario.subject.name();
  result.world = "sim";
  result.strategy = "replay";
  result.invariants = scenario.invariants;
  result.bounds = (*stage)->bounds();
  result.steps = schedule.choices.size();
  const bool at_rest = run.moves().steps().empty();
  result.findings = run.judge(at_rest);
  result.history.events = run.history(at_rest);
  result.replay = "lockproof replay " + encode(schedule);
  result.verdict = result.findings.empty() ? Verdict::kInconclusive : Verdict::kViolated;
  if (result.findings.empty()) result.reason = "this run breaks no promise; other runs might";
  return result;
}

}  // namespace lockproof
