// SPDX-License-Identifier: Apache-2.0
#include "check/live.h"

#include <fmt/format.h>

#include "core/random.h"
#include "live/live_world.h"
#include "sim/sim_world.h"
#include "world/side_by_side.h"

namespace lockproof {
namespace {

// One run in both.
class Both {
 public:
  explicit Both(Stage& stage)
      : world_(sim_, live_), stage_(stage), moves_(world_, stage.start(), stage.rules()) {}

  // To where the setup is done.
  Result<> begin() {
    steps_ = 0;
    if (auto reset = moves_.reset(); !reset.ok()) return reset;
    for (;;) {
      const auto choice = moves_.setup_step();
      if (!choice.ok()) return choice.error();
      if (!*choice) break;
      if (auto taken = apply(**choice); !taken.ok()) return taken;
    }
    steps_ = 0;
    return Nothing{};
  }

  Result<> take(Choice choice) {
    if (!moves_.possible(choice)) {
      return usage_error(fmt::format("step {} of the schedule is not possible there", steps_ + 1));
    }
    return apply(choice);
  }

  Moves& moves() { return moves_; }
  std::uint64_t steps() const { return steps_; }
  bool is_apart() const { return world_.apart().has_value(); }

  Comparison comparison() const {
    if (!is_apart()) return {};
    const auto& apart = *world_.apart();
    const bool differs = apart.how == SideBySide::Apart::How::kDiffers;
    const std::string where = steps_ == 0 ? "at the start" : fmt::format("step {}", steps_);
    return {differs ? Comparison::Outcome::kDiffers : Comparison::Outcome::kNotMade,
            fmt::format("{}: {}", where, apart.why)};
  }

 private:
  Result<> apply(Choice choice) {
    ++steps_;
    const Step step = moves_.apply(choice);
    if (step.answer.outcome == Outcome::kRefused) return environment_error(moves_.refusal());
    for (const auto& watched : stage_.outside().files) world_.file(watched.path);
    if (!stage_.outside().lock.empty()) world_.locked(stage_.outside().lock);
    return Nothing{};
  }

  sim::SimWorld sim_;
  live::LiveWorld live_{live::LiveWorld::Programs::kKept};
  SideBySide world_;
  Stage& stage_;
  Moves moves_;
  std::uint64_t steps_ = 0;
};

}  // namespace

Result<Comparison> compare_live(Stage& stage, const std::vector<Choice>& choices) {
  Both both(stage);
  if (auto begun = both.begin(); !begun.ok()) return begun.error();
  for (const Choice choice : choices) {
    if (both.is_apart()) break;
    if (auto taken = both.take(choice); !taken.ok()) return taken.error();
  }
  return both.comparison();
}

OnLinux on_linux(const Comparison& comparison) {
  if (comparison.outcome == Comparison::Outcome::kNotMade) return {{}, comparison.why};
  return {comparison.outcome == Comparison::Outcome::kSame, comparison.why};
}

std::string sentence(const Comparison& comparison, std::size_t steps) {
  switch (comparison.outcome) {
    case Comparison::Outcome::kSame:
      return fmt::format(
          "confirmed on Linux: real processes made these {} steps, each call and answer the same",
          steps);
    case Comparison::Outcome::kDiffers:
      return "in the model only: " + comparison.why;
    case Comparison::Outcome::kNotMade:
      break;
  }
  return "not made on Linux: " + comparison.why;
}

Result<LiveConformance> conform_live(Stage& stage, unsigned runs, std::uint64_t seed,
                                     unsigned steps) {
  LiveConformance conformance;
  Random random(seed);
  Both both(stage);
  for (unsigned run = 0; run < runs && conformance.difference.empty(); ++run) {
    if (auto begun = both.begin(); !begun.ok()) return begun.error();
    std::string refused;
    while (both.steps() < steps && !both.is_apart()) {
      const std::vector<Choice> choices = both.moves().all();
      if (choices.empty() || both.is_apart()) break;
      const auto which = random.below(static_cast<std::uint32_t>(choices.size()));
      if (auto taken = both.take(choices[which]); !taken.ok()) {
        refused = taken.error().sentence;
        break;
      }
    }
    const Comparison compared = both.comparison();
    if (compared.outcome == Comparison::Outcome::kNotMade) refused = compared.why;
    conformance.steps += both.steps();
    if (compared.outcome == Comparison::Outcome::kDiffers) {
      conformance.difference = fmt::format("run {}, {}", run + 1, compared.why);
    } else if (!refused.empty()) {
      if (conformance.refused++ == 0) conformance.refusal = refused;
    } else {
      ++conformance.runs;
    }
  }
  return conformance;
}

}  // namespace lockproof
