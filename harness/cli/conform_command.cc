// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "check/live.h"
#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/search_options.h"
#include "core/text.h"
#include "core/verdict.h"
#include "stress/stress.h"

namespace lockproof {
namespace {

struct ConformWords {
  std::vector<std::string> scenarios;
  OneLine line;
  SearchWords search;
  int runs = 100;
  std::int64_t seed = 1;
};

struct Total {
  unsigned runs = 0;
  std::uint64_t steps = 0;
  unsigned refused = 0;
  bool differs = false;
};

Result<> conform_one(const Scenario& scenario, const CheckOptions& options,
                     const ConformWords& words, Total& total) {
  const auto say = [&](const char* what, const std::string& more) {
    fmt::print("{:<8}{}  {}\n", what, scenario.name, more);
    std::fflush(stdout);
  };
  const auto& command = scenario.subject.command;
  if (const std::string missing = command ? missing_program(scenario) : ""; !missing.empty()) {
    say("skipped", missing);
    return Nothing{};
  }
  auto stage = Stage::make(scenario, options.stage);
  if (!stage.ok() && stage.error().kind == Error::Kind::kEnvironment) {
    say("skipped", "not learned: " + stage.error().sentence);
    return Nothing{};
  }
  if (!stage.ok()) return stage.error();
  // A program that polls goes on for ever.
  const unsigned steps = command ? 100 : 2000;
  const auto conform = [&] {
    return conform_live(**stage, static_cast<unsigned>(words.runs),
                        static_cast<std::uint64_t>(words.seed), steps);
  };
  auto found = conform();
  // A program may make something else of its pid than its digits, and take a name for it.
  const bool again = found.ok() && !found->difference.empty() && (*stage)->pids_are_names();
  if (again) {
    (*stage)->take_pids_as_they_are();
    found = conform();
  }
  if (!found.ok()) return found.error();
  total.runs += found->runs;
  total.steps += found->steps;
  total.refused += found->refused;
  total.differs = total.differs || !found->difference.empty();
  const std::string same = fmt::format("{} runs the same, {} steps{}", found->runs, found->steps,
                                       again ? ", pids as they are" : "");
  const std::string refused =
      found->refused == 0 ? "" : fmt::format("; {} not made: {}", found->refused, found->refusal);
  if (found->difference.empty()) {
    say(found->runs > 0 ? "same" : "refused", same + refused);
  } else {
    say("DIFFERS", found->difference);
  }
  return Nothing{};
}

int run_conform_command(const ConformWords& words) {
  auto options = check_options(words.search);
  if (!options) return fail(options.error());
  options->stage.learns = true;
  if (const auto owner = owner_helper(); owner.ok()) options->stage.owner = owner->string();
  if (words.runs < 1) {
    return fail(usage_error(ErrorCode::kBadValue,
                            fmt::format("--runs {}: expected at least 1", words.runs)));
  }
  const auto scenarios = find_chosen("conform", words.scenarios, words.line);
  if (!scenarios) return fail(scenarios.error());
  Total total;
  for (const Scenario& scenario : *scenarios) {
    const auto done = conform_one(scenario, *options, words, total);
    if (!done.ok()) return fail(done.error());
  }
  fmt::print("{} runs the same on Linux, {} steps; {} not made{}\n", total.runs, total.steps,
             total.refused, total.differs ? "; the model and Linux differ" : "");
  if (total.differs) return kExitViolated;
  return total.runs > 0 ? kExitHolds : kExitInconclusive;
}

}  // namespace

Run add_conform_command(CLI::App& app) {
  auto words = std::make_shared<ConformWords>();
  CLI::App* command = app.add_subcommand(
      "conform", "random runs of the simulated kernel made with real processes, and compared");
  command->add_option("SCENARIO", words->scenarios,
                      "names (family/file or family), files, folders");
  add_one_line_options(*command, words->line);
  command->add_option("--runs", words->runs, "of each scenario (default 100)")->type_name("N");
  command->add_option("--seed", words->seed, "of the runs that are drawn (default 1)")
      ->type_name("N");
  add_search_options(*command, words->search, true);
  return [words] { return run_conform_command(*words); };
}

}  // namespace lockproof
