// SPDX-License-Identifier: Apache-2.0
#include "check/evidence.h"

#include <fmt/format.h>

#include "check/round.h"
#include "explore/shrink.h"

namespace lockproof {
namespace {

// Where the order of all steps is known, one attempt tells; and milliseconds tell nothing.
Bounds of_one_attempt(Bounds bounds) {
  bounds.wait_attempts = 1;
  bounds.parent_ms = kForEverMs - 1;
  return bounds;
}

Outside outside_of(const Stage& stage, bool texts) {
  Outside outside = stage.outside();
  outside.texts = texts;
  return outside;
}

// The clock, a stranger and a reboot are nobody's.
bool is_of_a_process(const Step& step) {
  switch (static_cast<Letter>(step.choice.actor)) {
    case Letter::kPidReuse:
    case Letter::kReboot:
    case Letter::kClockStep:
      return false;
    default:
      return step.what != Step::What::kClock;
  }
}

std::vector<RunStep> steps_of(const Execution& run) {
  std::vector<RunStep> steps;
  const Recorder& recorder = run.recorder();
  std::uint64_t last = 0;
  for (const Step& step : run.steps()) {
    const std::size_t number = steps.size() + 1;
    while (last < recorder.events().size() && recorder.steps_until(last + 1) <= number) ++last;
    steps.push_back({is_of_a_process(step) ? Life{step.process} + 1 : kHarness, last});
  }
  return steps;
}

}  // namespace

Theatre::Theatre(Stage& stage, std::vector<std::string> invariants, const Bounds& bounds,
                 bool texts, InWorld world)
    : sim_(world == InWorld::kLive ? nullptr : std::make_unique<sim::SimWorld>()),
      live_(world == InWorld::kLive
                ? std::make_unique<live::LiveWorld>(live::LiveWorld::Programs::kKept)
                : nullptr),
      invariants_(std::move(invariants)),
      outside_(outside_of(stage, texts)),
      problem_{sim_ ? static_cast<World&>(*sim_) : *live_,
               stage.start(),
               stage.rules(),
               outside_,
               invariants_,
               of_one_attempt(bounds),
               {}} {}

Result<Evidence> evidence(Stage& stage, const std::vector<std::string>& invariants,
                          const Bounds& bounds, const std::vector<Choice>& choices,
                          std::optional<bool> at_rest, InWorld world) {
  const Theatre theatre(stage, invariants, bounds, true, world);
  Execution run(theatre.problem());
  if (auto begun = run.begin(); !begun.ok()) return begun.error();
  Round round;
  for (const Choice choice : choices) {
    if (!run.moves().possible(choice)) {
      return usage_error(
          fmt::format("step {} of the schedule is not possible there", run.depth() + 1));
    }
    round.before(run, theatre.where());
    if (auto taken = run.take(choice); !taken.ok()) return taken.error();
  }
  const bool rests = at_rest ? *at_rest : run.moves().steps().empty();
  Evidence evidence{run.judge(rests), run.history(rests), steps_of(run), 0};
  if (const auto loops = round.loops(run, theatre.where(), evidence.steps); !loops.empty()) {
    for (Event loop : loops) {
      loop.seq = evidence.events.size() + 1;
      evidence.events.push_back(std::move(loop));
    }
    History history;
    history.events = evidence.events;
    evidence.findings = lockproof::check(history, invariants, theatre.problem().bounds);
    return evidence;
  }
  if (evidence.findings.empty()) return evidence;
  const Theatre other(stage, {evidence.findings.front().invariant}, bounds, false, world);
  const auto pair = critical_pair(other.problem(), choices, evidence.findings.front().invariant);
  if (pair) evidence.pair = pair->first + 1;
  return evidence;
}

}  // namespace lockproof
