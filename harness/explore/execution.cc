// SPDX-License-Identifier: Apache-2.0
#include "explore/execution.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace lockproof {

Execution::Execution(const Problem& problem)
    : problem_(problem),
      moves_(problem.world, problem.start, problem.rules),
      recorder_(moves_, problem.outside) {}

Result<> Execution::begin() {
  steps_.clear();
  marks_.clear();
  if (auto begun = moves_.reset(); !begun) return begun;
  recorder_.begin();
  if (auto ready = set_up(); !ready) return ready;
  mark();
  return Nothing{};
}

void Execution::mark() {
  if (!problem_.world.can_restore()) return;
  marks_.push_back({problem_.world.snapshot(), moves_.state(), recorder_.mark()});
}

Result<> Execution::set_up() {
  for (;;) {
    const auto choice = moves_.setup_step();
    if (!choice) return choice.error();
    if (!*choice) break;
    if (auto taken = apply(**choice); !taken) return taken.error();
  }
  recorder_.setup_is_over();
  return Nothing{};
}

Result<Step> Execution::apply(Choice choice) {
  recorder_.before(choice);
  const Step step = moves_.apply(choice);
  if (step.answer.outcome == Outcome::kRefused)
    return environment_error(ErrorCode::kRefused, moves_.refusal());
  recorder_.after(step);
  return step;
}

Result<> Execution::step(Choice choice) {
  auto applied = apply(choice);
  if (!applied) return applied.error();
  steps_.push_back(*applied);
  return Nothing{};
}

Result<> Execution::take(Choice choice) {
  if (auto taken = step(choice); !taken) return taken;
  mark();
  return Nothing{};
}

Result<> Execution::back_to(std::size_t depth) {
  assert(depth <= steps_.size() || depth == 0);
  if (problem_.world.can_restore() && depth < marks_.size()) {
    const Mark& to = marks_[depth];
    problem_.world.restore(to.snapshot);
    moves_.set_state(to.moves);
    recorder_.back_to(to.recorder);
    if (depth + 1 < marks_.size()) problem_.world.drop(marks_[depth + 1].snapshot);
    marks_.resize(depth + 1);
    steps_.resize(depth);
    return Nothing{};
  }
  const std::vector<Step> before(steps_.begin(),
                                 steps_.begin() + static_cast<std::ptrdiff_t>(depth));
  if (auto begun = begin(); !begun) return begun;
  for (const Step& old : before) {
    const auto different = [&](const Call& now) {
      const Texts& texts = problem_.world.texts();
      return usage_error(ErrorCode::kNotDeterministic,
                         fmt::format("the subject is not deterministic: after the same {} choices, "
                                     "{} asked '{}' once, and "
                                     "'{}' later",
                                     steps_.size(), static_cast<char>('A' + old.process),
                                     format(old.call, texts), format(now, texts)));
    };
    if (!moves_.possible(old.choice)) {
      return usage_error(ErrorCode::kNotDeterministic,
                         fmt::format("the subject is not deterministic: choice {} ({}) was "
                                     "possible once, and is not later",
                                     steps_.size() + 1, describe(old)));
    }
    if (auto taken = step(old.choice); !taken) return taken;
    if (!(steps_.back().call == old.call)) return different(steps_.back().call);
  }
  return Nothing{};
}

std::vector<Choice> Execution::choices() const {
  std::vector<Choice> choices;
  for (const Step& step : steps_) choices.push_back(step.choice);
  return choices;
}

std::vector<Event> Execution::history(bool at_rest) {
  const Recorder::State here = recorder_.mark();
  recorder_.finish(at_rest);
  std::vector<Event> events = recorder_.events();
  recorder_.back_to(here);
  return events;
}

std::vector<Finding> Execution::judge(bool at_rest) {
  const Recorder::State here = recorder_.mark();
  recorder_.finish(at_rest);
  std::vector<Finding> findings;
  for (const std::string& name : problem_.invariants) {
    const std::unique_ptr<Invariant> invariant = find_invariant(name)->create(problem_.bounds);
    for (const Event& event : recorder_.events()) invariant->see(event);
    invariant->end();
    findings.insert(findings.end(), invariant->findings().begin(), invariant->findings().end());
  }
  recorder_.back_to(here);
  return findings;
}

std::size_t Execution::steps_until(const Finding& finding) const {
  std::uint64_t last = 0;
  for (const Event& event : finding.events) last = std::max(last, event.seq);
  return recorder_.steps_until(last);
}

std::uint64_t Execution::end_state() const {
  const World& world = problem_.world;
  std::string text;
  for (const std::string& file : problem_.files) {
    const auto seen = world.file(file);
    text += seen ? fmt::format("{} {}\n", seen->content.size(), seen->content) : "absent\n";
  }
  for (unsigned place = 0; place < world.processes(); ++place) {
    const ProcessState state = world.state(place);
    const bool over = state >= ProcessState::kDying;
    text += fmt::format("{} {} {}\n", static_cast<int>(state), world.pid(place),
                        over ? world.wait_status(place) : 0);
  }
  text += fmt::format("{}", recorder_.owned());
  return std::hash<std::string>()(text);
}

}  // namespace lockproof
