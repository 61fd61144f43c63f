// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "check/check.h"
#include "cli/baseline.h"
#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/said.h"
#include "cli/search_options.h"
#include "cli/shard_options.h"
#include "cli/store_options.h"
#include "cli/terminal.h"
#include "cli/watching.h"
#include "core/text.h"
#include "report/report.h"
#include "stress/stress.h"

namespace lockproof {
namespace {

struct CheckWords {
  std::vector<std::string> scenarios;
  OneLine line;
  SearchWords search;
  bool no_mutants = false;
  bool expected = false;
  std::string baseline;
  std::vector<std::string> reports;
  StoreWords store;
  ShardWords shard;
  CheckpointWords checkpoint;
};

// What differs from the scenario's [expect]; "": nothing.
std::string surprise(const Scenario& scenario, const RunResult& result) {
  const Expectation& expect = scenario.expect;
  if (result.verdict == Verdict::kSkipped) return "";
  if (result.verdict != expect.verdict) {
    return fmt::format("expected {}", name(expect.verdict));
  }
  if (!expect.invariant.empty() && result.findings.front().invariant != expect.invariant) {
    return fmt::format("expected {} to be broken, not {}", expect.invariant,
                       result.findings.front().invariant);
  }
  if (expect.states && count_of(result, "states") != *expect.states) {
    return fmt::format("expected {} states, not {}", *expect.states, count_of(result, "states"));
  }
  if (expect.steps && result.steps != *expect.steps) {
    return fmt::format("expected {} steps, not {}", *expect.steps, result.steps);
  }
  return "";
}

RunResult not_run(const Scenario& scenario, Reason reason) {
  RunResult result;
  result.scenario = scenario.name;
  result.subject = scenario.subject.name();
  result.world = "sim";
  result.reason = std::move(reason);
  return result;
}

// Why it cannot be run here; "": it can.
std::string lacks(const Scenario& scenario) {
  return scenario.subject.command ? missing_program(scenario) : "";
}

Result<RunResult> check_one(const Scenario& scenario, CheckOptions options,
                            SharedSearches& shared) {
  if (is_interrupted())
    return not_run(scenario, {ErrorCode::kInterrupted, "interrupted before it ran"});
  if (std::string missing = lacks(scenario); !missing.empty()) {
    RunResult skipped = not_run(scenario, {ErrorCode::kNotInstalled, missing});
    skipped.verdict = Verdict::kSkipped;
    return skipped;
  }
  const Watching watching(scenario.name, options);
  return check(scenario, options, &shared);
}

// A command that is given as one line is explored, by few unless it is said how many.
Result<std::vector<Scenario>> chosen(CheckWords& words) {
  auto scenarios = find_chosen("check", words.scenarios, words.line);
  if (!scenarios || !words.line.is_given()) return scenarios;
  if (std::string missing = missing_program(scenarios->front()); !missing.empty()) {
    return usage_error(ErrorCode::kNotInstalled, missing);
  }
  if (words.search.processes == 0) words.search.processes = kContendersOfALine;
  return scenarios;
}

// What is known counts as nothing: who asks with a baseline asks for what is new.
int exit_code_of(std::vector<RunResult> results, const std::optional<Baseline>& baseline) {
  std::erase_if(results, [](const RunResult& result) { return !result.known.empty(); });
  const int code = results.empty() ? kExitHolds : exit_code(worst(results));
  if (!baseline) return code;
  int stale = 0;
  for (const std::string& sentence : baseline->stale())
    stale = fail(usage_error(ErrorCode::kBaselineStale, sentence));
  return stale != 0 && code != kExitViolated ? stale : code;
}

int run_check_command(CheckWords words) {
  const auto scenarios = chosen(words);
  if (!scenarios) return fail(scenarios.error());
  auto options = check_options(words.search);
  if (!options) return fail(options.error());
  if (const auto owner = owner_helper(); owner.ok()) options->stage.owner = owner->string();
  if (words.expected && options->strategy != kSearch) {
    return fail(usage_error(ErrorCode::kNotTogether,
                            "--expected: compares with a search; expected no other --strategy"));
  }
  if (words.checkpoint.is_given()) {
    if (auto set = set_checkpoints(words.checkpoint, *scenarios, *options); !set)
      return fail(set.error());
  }
  if (words.shard.is_given()) {
    return run_shard(words.shard, words.scenarios, *scenarios, words.search, *options);
  }
  options->mutants = !words.no_mutants;
  std::vector<ReportRequest> requests;
  for (const std::string& text : words.reports) {
    auto request = parse_report_request(text);
    if (!request) return fail(request.error());
    requests.push_back(*request);
  }
  std::optional<Baseline> baseline;
  if (!words.baseline.empty()) {
    auto read = Baseline::read(words.baseline, today());
    if (!read) return fail(read.error());
    baseline = std::move(*read);
  }
  end_on_interruption();
  const ScreenStyle style = standard_output_style();
  SharedSearches shared;
  for (const Scenario& scenario : *scenarios) shared.expect(scenario, options->stage);
  std::vector<RunResult> results;
  Keeping keeping(words.store);
  int surprises = 0;
  for (const Scenario& scenario : *scenarios) {
    auto result = check_one(scenario, *options, shared);
    if (!result) return fail(result.error());
    result->version = kVersion;
    if (!result->replay.empty()) {
      result->replay += words.line.again() + file_again(scenario) + words_again(words.search);
    }
    say_where(scenario, *result);
    if (baseline) baseline->judge(*result);
    const std::string what = words.expected ? surprise(scenario, *result) : "";
    if (words.expected) {
      surprises += what.empty() ? 0 : 1;
      fmt::print("{} {}  {}, {} states{}{}\n",
                 !what.empty()                          ? "FAILED "
                 : result->verdict == Verdict::kSkipped ? "skipped"
                                                        : "ok     ",
                 scenario.name, name(result->verdict), count_of(*result, "states"),
                 result->steps == 0 ? "" : fmt::format(", {} steps", result->steps),
                 what.empty() ? "" : ": " + what);
    }
    if (!words.expected) std::fputs(screen(*result, style).c_str(), stdout);
    std::fflush(stdout);
    if (!words.expected || !what.empty()) keeping.keep(*result);
    results.push_back(std::move(*result));
  }
  if (results.size() > 1 && !words.expected) std::fputs(summary(results).c_str(), stdout);
  if (!words.expected) annotate(results);
  for (const ReportRequest& request : requests) {
    if (auto written = write_report(request, results, kVersion); !written)
      return fail(written.error());
  }
  if (!keeping.done()) return fail(keeping.done().error());
  if (words.expected) return surprises == 0 ? kExitHolds : kExitViolated;
  return exit_code_of(std::move(results), baseline);
}

}  // namespace

Run add_check_command(CLI::App& app) {
  auto words = std::make_shared<CheckWords>();
  CLI::App* command =
      app.add_subcommand("check", "every schedule within the bounds, in the simulated kernel");
  command->add_option("SCENARIO", words->scenarios,
                      "names (family/file or family), files, folders");
  add_one_line_options(*command, words->line);
  add_search_options(*command, words->search);
  command->add_flag("--no-mutants", words->no_mutants, "do not search the scenario's mutants");
  command->add_flag("--expected", words->expected,
                    "compare each result with the scenario's [expect], and succeed if all agree");
  command
      ->add_option("--report", words->reports,
                   "KIND: json, junit, html, sarif or trace; FILE - is standard output")
      ->allow_extra_args(false)
      ->type_name("KIND=FILE");
  command
      ->add_option("--baseline", words->baseline,
                   "failures that are known; only what is not among them counts")
      ->type_name("FILE");
  add_store_options(*command, words->store);
  add_shard_options(*command, words->shard);
  add_checkpoint_options(*command, words->checkpoint);
  return [words] { return run_check_command(*words); };
}

}  // namespace lockproof
