// SPDX-License-Identifier: Apache-2.0
#include "check/on_linux.h"

#include <fmt/format.h>

#include <algorithm>

#include "check/conform.h"
#include "check/cover_live.h"
#include "check/live.h"
#include "check/shown.h"
#include "explore/cover.h"

namespace lockproof {

Result<Comparison::Outcome> make_on_linux(Stage& stage, const std::vector<Choice>& choices,
                                          RunResult& result) {
  const auto compared = compare_live(stage, choices);
  if (!compared.ok())
    return internal_error(ErrorCode::kInternal,
                          "a run that was shown: " + compared.error().sentence);
  result.notes.push_back(sentence(*compared, choices.size()));
  result.on_linux = on_linux(*compared);
  return compared->outcome;
}

void make_mutant_on_linux(Stage& stage, const std::vector<Choice>& choices, MutantResult& mutant,
                          std::vector<std::string>& notes) {
  const auto compared = compare_live(stage, choices);
  mutant.on_linux = compared.ok() ? on_linux(*compared) : OnLinux{{}, compared.error().sentence};
  if (mutant.on_linux.confirmed == std::optional(true)) return;
  notes.push_back(
      fmt::format("mutant {}: {}", mutant.name,
                  compared.ok() ? sentence(*compared, choices.size()) : compared.error().sentence));
}

Comparison compare_with_linux(Stage& stage, std::vector<std::string>& notes) {
  constexpr unsigned kRuns = 20;
  constexpr unsigned kSteps = 100;
  constexpr std::uint64_t kSeed = 1;
  const auto not_made = [](const std::string& why) {
    return Comparison{Comparison::Outcome::kNotMade, "not compared with Linux: " + why};
  };
  const auto compared = conform_live(stage, kRuns, kSeed, kSteps);
  if (!compared.ok()) return not_made(compared.error().sentence);
  if (!compared->difference.empty()) {
    return {Comparison::Outcome::kDiffers, "the model differs from Linux: " + compared->difference};
  }
  if (compared->runs == 0) return not_made(compared->refusal);
  notes.push_back(
      fmt::format("learned, {} places of the program; {} random runs ({} steps) made with real "
                  "processes, too: each call and answer the same",
                  stage.learned().nodes, compared->runs, compared->steps));
  if (stage.learned().sets_alarms) {
    notes.push_back(
        "alarms: the first of a process ends a wait, at any time; a later one never comes");
  }
  return {};
}

Result<Reason> cover(Stage& stage, const Judged& judged, unsigned depth,
                     const CheckOptions& options, RunResult& result) {
  CheckOptions left = options;
  if (left.limits.seconds > 0) {
    left.limits.seconds = std::max(left.limits.seconds - judged.seconds, 1e-9);
  }
  const auto made = cover_live(stage, judged.pids, depth, left);
  if (!made.ok()) return made.error();
  result.counts = {{"states", made->states},
                   {"transitions", made->steps},
                   {"questions", made->questions},
                   {"asked", made->asked},
                   {"executions", made->runs}};
  result.seconds = judged.seconds + made->seconds;
  if (!made->choices.empty() && result.replay.empty()) {
    result.replay = replay_line(stage, result, made->choices) + " --world live";
  }
  if (!made->difference.empty()) {
    return Reason(ErrorCode::kModelDiffers, "the model differs from Linux: " + made->difference);
  }
  if (!made->refusal.empty()) {
    return Reason(ErrorCode::kNotOnLinux, "not made on Linux: " + made->refusal);
  }
  if (made->stopped.empty()) {
    result.exhausted += result.exhausted.empty() ? "" : ", each question asked of real processes";
    result.notes.push_back(
        fmt::format("the {} steps ask {} questions of the kernel and the programs: real processes "
                    "asked each, in {} runs, and each call and answer was the same",
                    made->steps, made->questions, made->runs));
    return Reason();
  }
  const double share = made->questions == 0 ? 0
                                            : 100.0 * static_cast<double>(made->asked) /
                                                  static_cast<double>(made->questions);
  return Reason(
      made->stopped.code,
      fmt::format("{}; real processes asked {:.3g} % of {} questions, the same as in the model",
                  made->stopped, share, made->questions));
}

Result<RunResult> cover_up_to(Comparison::Outcome made, Stage& stage, const Judged& judged,
                              const CheckOptions& options, RunResult result) {
  if (made != Comparison::Outcome::kSame) {
    result.verdict = Verdict::kInconclusive;
    result.reason = {code_of(made), result.notes.back()};
    return result;
  }
  const auto steps = static_cast<unsigned>(judged.broken->choices.size());
  auto reason =
      cover(stage, judged, judged.broken->shortest ? steps : Cover::kAnyDepth, options, result);
  if (!reason.ok()) return reason.error();
  if (reason->empty()) return result;
  result.shortest = false;
  result.notes.push_back(*reason);
  return result;
}

}  // namespace lockproof
