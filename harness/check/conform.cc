// SPDX-License-Identifier: Apache-2.0
#include "check/conform.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/random.h"
#include "explore/births.h"
#include "sim/sim_world.h"
#include "world/choices.h"

namespace lockproof {
namespace {

std::string letters(const std::vector<Choice>& choices) {
  Schedule schedule;
  schedule.scenario = "x";
  schedule.choices = choices;
  const std::string text = encode(schedule);
  const std::size_t begin = text.find(':') + 1;
  return text.substr(begin, text.rfind('~') - begin);
}

bool less(const Choice& a, const Choice& b) {
  return std::tie(a.actor, a.alternative) < std::tie(b.actor, b.alternative);
}

// Of one run: it may go on for ever.
constexpr unsigned kMostSteps = 2000;

// Tries it. What is not refused by rule is taken for possible.
bool can(sim::SimWorld& world, Choice choice) {
  const unsigned place = choice.alternative;
  if (choice.actor == static_cast<std::uint8_t>(Letter::kExecChild)) {
    return world.inject(Fault::kExecChild, place, 0);
  }
  if (choice.actor == static_cast<std::uint8_t>(Letter::kPidReuse)) {
    return world.inject(Fault::kStranger, place, world.pid(place));
  }
  if (choice.actor >= kFirstFault || !world.enabled(choice.actor)) return true;
  return world.perform(choice.actor).outcome != Outcome::kRefused;
}

bool is_refused(sim::SimWorld& world, Choice choice) {
  const World::Snapshot here = world.snapshot();
  const bool refused = !can(world, choice);
  world.restore(here);
  world.drop(here);
  return refused;
}

// One run in both, from the beginning.
class Pair {
 public:
  Pair(Stage& stage, sim::SimSpace& space)
      : space_(space), moves_(world_, stage.start(), stage.rules()), births_(space.numbers()) {}

  Result<> begin() {
    state_ = space_.first();
    if (auto reset = moves_.reset(); !reset.ok()) return reset;
    for (;;) {
      const auto choice = moves_.setup_step();
      if (!choice.ok()) return choice.error();
      if (!*choice) return Nothing{};
      if (moves_.apply(**choice).answer.outcome == Outcome::kRefused) {
        return environment_error(ErrorCode::kRefused, moves_.refusal());
      }
    }
  }

  // The choices that both offer. A difference ends the run.
  Result<std::vector<Choice>> offered() {
    std::vector<Choice> here = moves_.all();
    successors_.clear();
    if (auto expanded = space_.expand(state_, 0, successors_); !expanded.ok())
      return expanded.error();
    if (const std::string what = compare_choices(here, successors_, births_, world_); !what.empty())
      difference_ = fmt::format("after {} {}", said(), what);
    return here;
  }

  void take(Choice choice) {
    const Step step = moves_.apply(choice);
    taken_.push_back(choice);
    if (step.answer.outcome == Outcome::kRefused) {
      // With pids as they are a loop of forks comes to the end of them: the run is cut there.
      is_cut_ = step.answer.refusal == Refusal::kProcesses;
      if (is_cut_) return;
      difference_ = fmt::format("after {}: {}", said(), moves_.refusal());
      return;
    }
    for (const Successor& successor : successors_) {
      if (births_.named(successor.step) != choice) continue;
      births_.follow(space_.facts(state_), successor, space_.facts(successor.state));
      state_ = successor.state;
      return;
    }
  }

  const std::string& difference() const { return difference_; }
  bool is_cut() const { return is_cut_; }

 private:
  std::string said() const { return taken_.empty() ? "the start" : letters(taken_); }

  sim::SimSpace& space_;
  sim::SimWorld world_;
  Moves moves_;
  Births births_;
  State state_;
  std::vector<Successor> successors_;
  std::vector<Choice> taken_;
  std::string difference_;
  bool is_cut_ = false;
};

}  // namespace

std::string compare_choices(std::vector<Choice>& here, const std::vector<Successor>& successors,
                            const Births& births, sim::SimWorld& world) {
  std::vector<Choice> there;
  for (const Successor& successor : successors) there.push_back(births.named(successor.step));
  std::sort(here.begin(), here.end(), less);
  std::sort(there.begin(), there.end(), less);
  std::erase_if(here, [&](const Choice& choice) {
    return std::find(there.begin(), there.end(), choice) == there.end() &&
           is_refused(world, choice);
  });
  if (here == there) return "";
  return fmt::format("one can choose {}, in the search {}", letters(here), letters(there));
}

Result<Conformance> conform(Stage& stage, sim::SimSpace& space, unsigned runs, std::uint64_t seed) {
  Conformance conformance;
  Random random(seed);
  for (; conformance.runs < runs; ++conformance.runs) {
    Pair pair(stage, space);
    if (auto begun = pair.begin(); !begun.ok()) return begun.error();
    for (unsigned step = 0; step < kMostSteps; ++step) {
      const auto choices = pair.offered();
      if (!choices.ok()) return choices.error();
      if (!pair.difference().empty() || choices->empty()) break;
      pair.take((*choices)[random.below(static_cast<std::uint32_t>(choices->size()))]);
      ++conformance.steps;
      if (!pair.difference().empty() || pair.is_cut()) break;
    }
    conformance.difference = pair.difference();
    if (!conformance.difference.empty()) break;
  }
  return conformance;
}

}  // namespace lockproof
