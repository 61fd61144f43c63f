// SPDX-License-Identifier: Apache-2.0
#include "check/learn.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"
#include "learned/learned.h"
#include "program/tree_difference.h"

namespace lockproof {
namespace {

constexpr std::size_t kMostBytes = std::size_t{256} << 20;  // of a saved tree

// The program is the reason, not the words of the user.
Error not_learned(const Scenario& scenario, Error error) {
  const bool words = error.kind == Error::Kind::kUsage || error.kind == Error::Kind::kInternal;
  if (!words) {
    error.sentence = fmt::format("{}: not learned: {}", scenario.name, error.sentence);
  }
  return error;
}

// Whose tree a stage has.
std::vector<std::string> first_verbs(const Scenario& scenario) {
  return scenario.setup.empty() ? scenario.cast.front()
                                : std::vector<std::string>{scenario.setup.front()};
}

}  // namespace

LearningLimits learning_limits(const CheckOptions& options, bool goes_live) {
  LearningLimits limits = options.stage.learning;
  limits.watch = options.watch_learning;
  limits.seconds = goes_live ? 5 : 60;
  if (options.limits.seconds <= 0) return limits;
  limits.seconds = options.limits.seconds / (goes_live ? 2 : 1);
  limits.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                       std::chrono::duration<double>(limits.seconds));
  limits.nodes = Tree::kMaxNodes;
  return limits;
}

int patience_ms(const CheckOptions& options) {
  constexpr int kLeast = 1000;
  constexpr double kPart = 0.25;
  const int most = options.stage.patience_ms;
  if (options.limits.seconds <= 0) return most;
  return static_cast<int>(std::clamp<double>(options.limits.seconds * kPart * 1000, kLeast, most));
}

Result<LearnedTree> learn(const Scenario& scenario, const CheckOptions& options) {
  CheckOptions learning = options;
  learning.stage.patience_ms = patience_ms(options);
  learning.stage.learns = true;
  learning.stage.learning = learning_limits(options, false);
  auto stage = Stage::make(scenario, learning.stage);
  if (!stage.ok()) return not_learned(scenario, stage.error());
  const auto searched = judge_by_search(**stage, {}, learning);
  if (!searched.ok()) return not_learned(scenario, searched.error());
  if (!searched->exhausted)
    return not_learned(scenario, stopped_error(searched->stopped.code, searched->stopped));
  const Tree& tree = *(*stage)->tree();
  return LearnedTree{tree.text((*stage)->texts()), tree.size(), tree.known_answers(),
                     (*stage)->bounds()};
}

Result<Relearned> learn_against(const Scenario& scenario, const CheckOptions& options,
                                const std::string& file) {
  const auto text = read_whole_file(file, kMostBytes + 1);
  if (!text.ok()) return text.error();
  const std::string shown = escape(file, 1024);
  if (text->size() > kMostBytes) {
    return usage_error(ErrorCode::kTree, fmt::format("{}: expected a tree of at most {} MiB", shown,
                                                     kMostBytes >> 20));
  }
  Texts texts;
  const auto saved = Tree::parse(*text, texts, shown);
  if (!saved.ok()) return saved.error();
  const auto stand_in = stand_in_for(scenario, options.stage.owner);
  if (!stand_in.ok()) return stand_in.error();
  auto now = LearnedProgram::start((*stand_in)->command(first_verbs(scenario)), texts,
                                   learning_limits(options, false));
  if (!now.ok()) return not_learned(scenario, now.error());
  const TreeComparison comparison = compare(*saved, **now);
  if (comparison.stopped && comparison.differences.empty()) {
    return not_learned(scenario, *comparison.stopped);
  }
  Relearned relearned{"", comparison.differences.size(), comparison.answers, saved->known_answers(),
                      comparison.stopped ? comparison.stopped->sentence : ""};
  for (const TreeDifference& difference : comparison.differences) {
    if (!relearned.shown.empty()) relearned.shown += "\n";
    relearned.shown += lockproof::text(difference, *saved, **now, texts);
  }
  return relearned;
}

}  // namespace lockproof
