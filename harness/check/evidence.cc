// SPDX-License-Identifier: Apache-2.0
#include "check/evidence.h"

#include <fmt/format.h>

#include "check/round.h"
#include "explore/dependence.h"
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

// What each step touches, and so the last one before it with which its order counts. Nothing is
// said of a run with a setup, which is not followed.
class Orders {
 public:
  Orders(const Problem& problem, const std::vector<Outside::Watched>& files)
      : world_(problem.world), is_followed_(problem.start.setup == 0) {
    std::vector<std::string> watched;
    for (const auto& file : files) watched.push_back(file.path);
    dependence_.emplace(problem.start, world_.directory(), false, watched);
  }
  void follow(const Step& step) {
    touched_.push_back({step.process, dependence_->follow(world_, step, false, false)});
  }
  void write_to(std::vector<RunStep>& steps) const {
    for (std::size_t i = 0; is_followed_ && i < touched_.size(); ++i) {
      for (std::size_t k = i; k-- > 0 && steps[i].after == 0;) {
        const bool others = touched_[k].first != touched_[i].first;
        if (others && dependent(touched_[k].second, touched_[i].second)) steps[i].after = k + 1;
      }
    }
  }

 private:
  const World& world_;
  const bool is_followed_;
  std::optional<Dependence> dependence_;
  std::vector<std::pair<unsigned, Footprint>> touched_;
};

// The two steps after `first` in the other order: their calls with their answers.
std::vector<std::string> other_order(const Problem& problem, std::vector<Choice> choices,
                                     std::size_t first) {
  std::swap(choices[first], choices[first + 1]);
  choices.resize(first + 2);
  Execution run(problem);
  if (!run.begin().ok()) return {};
  for (const Choice choice : choices) {
    if (!run.moves().possible(choice) || !run.take(choice).ok()) return {};
  }
  std::vector<std::string> calls;
  const auto steps = steps_of(run);
  std::uint64_t begin = first == 0 ? 0 : steps[first - 1].last;
  for (std::size_t i = first; i < steps.size(); ++i) {
    std::string call;
    for (const Event& event : run.recorder().events()) {
      const bool act = event.kind == Kind::kCall || event.kind == Kind::kFault;
      if (event.seq > begin && event.seq <= steps[i].last && act && call.empty()) {
        call = event.detail;
      }
    }
    begin = steps[i].last;
    calls.push_back(call);
  }
  return calls;
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
  Orders orders(theatre.problem(), stage.outside().files);
  for (const Choice choice : choices) {
    if (!run.moves().possible(choice)) {
      return usage_error(
          ErrorCode::kReplayDiffers,
          fmt::format("step {} of the schedule is not possible there", run.depth() + 1));
    }
    round.before(run, theatre.where());
    if (auto taken = run.take(choice); !taken.ok()) return taken.error();
    if (world != InWorld::kLive) orders.follow(run.steps().back());
  }
  const bool rests = at_rest ? *at_rest : run.moves().steps().empty();
  Evidence evidence{run.judge(rests), run.history(rests), steps_of(run), 0, {}};
  orders.write_to(evidence.steps);
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
  if (pair) {
    evidence.pair = pair->first + 1;
    if (world != InWorld::kLive)
      evidence.swapped = other_order(theatre.problem(), choices, pair->first);
  }
  return evidence;
}

}  // namespace lockproof
