// SPDX-License-Identifier: Apache-2.0
// What dependence.h calls independent commutes: both orders are made, and compared.
#include "explore/dependence.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "core/random.h"
#include "explore/execution.h"
#include "explore/generated.h"
#include "sim/sim_world.h"

namespace lockproof::test {
namespace {

// All that can be seen where a run is, but for what it may do.
std::string view(Execution& run, World& world) {
  std::string text = std::to_string(run.end_state());
  for (unsigned place = 0; place < world.processes(); ++place) {
    const ProcessState state = world.state(place);
    text += " " + std::to_string(static_cast<int>(state));
    const bool runs = state == ProcessState::kReady || state == ProcessState::kWaiting;
    if (runs) text += format(world.pending(place), world.texts());
    if (runs) text += world.enabled(place) ? "+" : "-";
  }
  return text;
}

// A run led to a random place, with what its steps touched.
class Led {
 public:
  explicit Led(const Problem& problem, const std::vector<std::string>& watched)
      : problem_(problem),
        run_(problem),
        known_(problem.start, problem.world.directory(), true, watched) {
    EXPECT_TRUE(run_.begin().ok());
  }
  Execution& run() { return run_; }

  Footprint take(Choice choice) {
    EXPECT_TRUE(run_.take(choice).ok());
    return known_.follow(problem_.world, run_.steps().back(), false, run_.recorder().visible());
  }
  // What it would touch; the run stays.
  Footprint peek(Choice choice) {
    const Dependence before = known_;
    const Footprint footprint = take(choice);
    back(before);
    return footprint;
  }
  // What is to be seen after both, and what each was answered.
  std::string after(Choice first, Choice second) {
    const Dependence before = known_;
    take(first);
    std::string text = "not possible";
    if (run_.moves().possible(second)) {
      take(second);
      text = view(run_, problem_.world);
      std::vector<std::string> answers = {answer_of(run_.steps().end()[-1]),
                                          answer_of(run_.steps().end()[-2])};
      std::sort(answers.begin(), answers.end());
      text += answers[0] + answers[1];
      back(before);
    }
    back(before);
    return text;
  }

 private:
  std::string answer_of(const Step& step) const {
    return "\n" + std::to_string(step.choice.actor) + " " +
           format(step.answer, problem_.world.texts());
  }
  void back(const Dependence& before) {
    EXPECT_TRUE(run_.back_to(run_.depth() - 1).ok());
    known_ = before;
  }

  const Problem& problem_;
  Execution run_;
  Dependence known_;
};

bool will_be_refused(World& world, Choice choice) {
  if (choice.actor >= kFirstFault || world.can_step_death(choice.actor)) return false;
  const auto here = world.snapshot();
  const bool refused = world.perform(choice.actor).outcome == Outcome::kRefused;
  world.restore(here);
  world.drop(here);
  return refused;
}

// All pairs of what is possible on a random way to the end; how many were independent.
unsigned compare_pairs(const Problem& problem, std::uint64_t seed) {
  Random random(seed);
  Led led(problem, {"f"});
  unsigned independent = 0;
  while (true) {
    const std::vector<Choice> choices = led.run().moves().all();
    for (const Choice choice : choices) {
      if (will_be_refused(problem.world, choice)) return independent;
    }
    for (std::size_t i = 0; i < choices.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        const bool same_actor =
            choices[i].actor == choices[k].actor || choices[i].alternative == choices[k].actor;
        if (same_actor || choices[i].actor >= kFirstFault + 1) continue;
        if (dependent(led.peek(choices[i]), led.peek(choices[k]))) continue;
        ++independent;
        RC_ASSERT(led.after(choices[i], choices[k]) == led.after(choices[k], choices[i]));
      }
    }
    if (choices.empty() || led.run().depth() > 60) return independent;
    led.take(choices[random.below(static_cast<std::uint32_t>(choices.size()))]);
  }
}

unsigned compare_generated(std::size_t calls, std::uint8_t lines) {
  unsigned independent = 0;
  EXPECT_TRUE(rc::check([&] {
    const auto script =
        rc::gen::container<std::vector<std::uint8_t>>(calls, rc::gen::arbitrary<std::uint8_t>());
    const auto scripts = *rc::gen::container<std::vector<std::vector<std::uint8_t>>>(3, script);
    sim::SimWorld world;
    const Generated generated(scripts, 1, lines);
    const Problem problem = generated.problem(world);
    RC_LOG() << generated.text();
    independent += compare_pairs(problem, *rc::gen::arbitrary<std::uint32_t>());
  }));
  return independent;
}

TEST(Dependence, WhatIsIndependentCommutes) { EXPECT_GT(compare_generated(6, kAllLines), 1000u); }
TEST(Dependence, WhatIsIndependentCommutesOnPorts) {
  EXPECT_GT(compare_generated(4, kPortLines), 1000u);
}

Footprint touched(std::initializer_list<Cell> reads, std::initializer_list<Cell> writes) {
  Footprint footprint;
  for (const Cell cell : reads) footprint.reads(cell, 1);
  for (const Cell cell : writes) footprint.writes(cell, 1);
  return footprint;
}

TEST(Footprints, DependWhenOneWritesWhatTheOtherTouches) {
  EXPECT_FALSE(dependent(touched({Cell::kName}, {}), touched({Cell::kName}, {})));
  EXPECT_TRUE(dependent(touched({Cell::kName}, {}), touched({}, {Cell::kName})));
  EXPECT_FALSE(dependent(touched({}, {Cell::kLock}), touched({}, {Cell::kName})));
  Footprint other;
  other.writes(Cell::kName, 2);
  EXPECT_FALSE(dependent(touched({}, {Cell::kName}), other));
  other.touches_everything();
  EXPECT_TRUE(dependent(touched({}, {Cell::kName}), other));
  EXPECT_TRUE(dependent(other, {}));
}

}  // namespace
}  // namespace lockproof::test
