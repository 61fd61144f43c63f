// SPDX-License-Identifier: Apache-2.0
#include "check/both_worlds.h"

#include <fmt/format.h>

#include <csignal>

namespace lockproof {

BothWorlds::BothWorlds(Stage& stage) : BothWorlds(stage, sim_) {}

BothWorlds::BothWorlds(Stage& stage, World& kernel)
    : world_(kernel, live_), stage_(stage), moves_(world_, stage.start(), stage.rules()) {}

Result<> BothWorlds::begin() {
  steps_ = 0;
  if (auto reset = moves_.reset(); !reset.ok()) return reset;
  for (;;) {
    const auto choice = moves_.setup_step();
    if (!choice.ok()) return choice.error();
    if (!*choice) break;
    if (auto taken = apply(**choice, true); !taken.ok()) return taken;
  }
  steps_ = 0;
  return Nothing{};
}

Result<> BothWorlds::take(Choice choice, bool looks) {
  if (!moves_.possible(choice)) {
    return usage_error(ErrorCode::kReplayDiffers,
                       fmt::format("step {} of the schedule is not possible there", steps_ + 1));
  }
  return apply(choice, looks);
}

bool BothWorlds::is_held_back(Choice choice) const {
  return choice.actor == static_cast<std::uint8_t>(Letter::kTerm) &&
         live_.holds_back(choice.alternative, SIGTERM);
}

Result<> BothWorlds::apply(Choice choice, bool looks) {
  ++steps_;
  const Step step = moves_.apply(choice);
  if (step.answer.outcome == Outcome::kRefused)
    return environment_error(ErrorCode::kRefused, moves_.refusal());
  if (!looks) return Nothing{};
  for (const auto& watched : stage_.outside().files) world_.file(watched.path);
  if (!stage_.outside().lock.empty()) world_.locked(stage_.outside().lock);
  return Nothing{};
}

Comparison BothWorlds::comparison() const {
  if (!is_apart()) return {};
  const auto& apart = *world_.apart();
  const bool differs = apart.how == SideBySide::Apart::How::kDiffers;
  const std::string where = steps_ == 0 ? "at the start" : fmt::format("step {}", steps_);
  return {differs ? Comparison::Outcome::kDiffers : Comparison::Outcome::kNotMade,
          fmt::format("{}: {}", where, apart.why)};
}

}  // namespace lockproof
