// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/search_options.h"
#include "cli/terminal.h"
#include "report/report.h"

namespace lockproof {
namespace {

struct ReplayWords {
  std::string schedule;
  std::string file;
  OneLine line;
  SearchWords search;
};

Result<Scenario> named(const std::string& word) {
  const auto found = find_checked({word});
  if (!found) return found.error();
  return found->front();
}

Result<Scenario> chosen(const ReplayWords& words, const Schedule& schedule) {
  if (!words.line.is_given() && words.file.empty()) return named(schedule.scenario);
  auto scenario = words.line.is_given() ? checked_line(words.line) : named(words.file);
  if (scenario.ok() && scenario->name != schedule.scenario) {
    return usage_error(ErrorCode::kNotTogether, "replay: the schedule is of " + schedule.scenario +
                                                    ", not of " + scenario->name);
  }
  return scenario;
}

int run_replay_command(const ReplayWords& words) {
  auto options = check_options(words.search);
  if (!options) return fail(options.error());
  const auto schedule = decode(words.schedule);
  if (!schedule) return fail(schedule.error());
  const auto scenario = chosen(words, *schedule);
  if (!scenario) return fail(scenario.error());
  if (const auto owner = owner_helper(); owner.ok()) options->stage.owner = owner->string();
  const auto world = world_of(words.search, InWorld::kSim);
  if (!world) return fail(world.error());
  auto result = replay(*scenario, *schedule, options->stage, *world);
  if (!result) return fail(result.error());
  result->version = kVersion;
  result->replay += words.line.again() + file_again(*scenario) + words_again(words.search);
  std::fputs(screen(*result, standard_output_style()).c_str(), stdout);
  return exit_code(result->verdict);
}

}  // namespace

Run add_replay_command(CLI::App& app) {
  auto words = std::make_shared<ReplayWords>();
  CLI::App* command = app.add_subcommand("replay", "the run of a schedule again, step by step");
  command->add_option("SCHEDULE", words->schedule, "as `check` printed it")->required();
  add_one_line_options(*command, words->line);
  command
      ->add_option("--scenario", words->file,
                   "the file of the scenario, where it is none of the installed ones")
      ->type_name("FILE")
      ->excludes("--wrapper", "--worker", "--daemon");
  add_search_options(*command, words->search, true);
  return [words] { return run_replay_command(*words); };
}

}  // namespace lockproof
