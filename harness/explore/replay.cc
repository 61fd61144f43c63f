// SPDX-License-Identifier: Apache-2.0
#include "explore/replay.h"

#include <fmt/format.h>

#include <algorithm>

namespace lockproof {
namespace {

std::string impossible(std::size_t number, Choice choice) {
  return fmt::format(
      "choice {} of the schedule ({}.{}) is not possible there", number,
      static_cast<char>(choice.actor < 26 ? 'A' + choice.actor : 'a' + choice.actor - 26),
      choice.alternative);
}

}  // namespace

Result<std::optional<std::size_t>> Replay::resume(Execution&) {
  using Depth = std::optional<std::size_t>;
  if (begun_) return Depth();
  begun_ = true;
  return Depth(0);
}

std::optional<Choice> Replay::choose(Execution& run, const Possible& possible) {
  if (run.depth() == choices_.size()) return std::nullopt;
  const Choice choice = choices_[run.depth()];
  for (const auto* const list : {&possible.steps, &possible.faults}) {
    if (std::find(list->begin(), list->end(), choice) != list->end()) return choice;
  }
  stopped_ = impossible(run.depth() + 1, choice);
  return std::nullopt;
}

Result<Replayed> replay(const Problem& problem, const std::vector<Choice>& choices) {
  Execution run(problem);
  if (auto begun = run.begin(); !begun) return begun.error();
  for (const Choice choice : choices) {
    if (!run.moves().possible(choice))
      return usage_error(ErrorCode::kReplayDiffers, impossible(run.depth() + 1, choice));
    if (auto taken = run.take(choice); !taken) return taken.error();
  }
  const bool at_rest = run.moves().steps().empty();
  return Replayed{run.steps(), run.history(at_rest), run.judge(at_rest)};
}

}  // namespace lockproof
