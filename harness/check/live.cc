// SPDX-License-Identifier: Apache-2.0
#include "check/live.h"

#include <fmt/format.h>

#include "check/both_worlds.h"
#include "core/random.h"

namespace lockproof {

Result<Comparison> compare_live(Stage& stage, const std::vector<Choice>& choices) {
  BothWorlds both(stage);
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
  BothWorlds both(stage);
  return conform_live(both, runs, seed, steps);
}

Result<LiveConformance> conform_live(BothWorlds& both, unsigned runs, std::uint64_t seed,
                                     unsigned steps) {
  LiveConformance conformance;
  Random random(seed);
  for (unsigned run = 0; run < runs && conformance.difference.empty(); ++run) {
    if (auto begun = both.begin(); !begun.ok()) return begun.error();
    std::string refused;
    while (both.steps() < steps && !both.is_apart()) {
      std::vector<Choice> choices = both.moves().all();
      std::erase_if(choices, [&](Choice choice) { return both.is_held_back(choice); });
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
