// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "check/check.h"
#include "check/sharing.h"
#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/said.h"
#include "cli/shard_options.h"
#include "cli/store_options.h"
#include "cli/terminal.h"
#include "cli/watching.h"
#include "core/text.h"
#include "report/report.h"

namespace lockproof {
namespace {

struct MergeWords {
  std::string folder;
  bool no_mutants = false;
  std::vector<std::string> reports;
  StoreWords store;
};

// What the shards were asked.
Result<CheckOptions> options_of(const MergeWords& words, const SharedSearch& shared,
                                const SearchWords& search) {
  if (shared.version != kVersion) {
    return usage_error(ErrorCode::kShards, escape(words.folder, 1024) +
                                               ": was searched by lockproof " +
                                               escape(shared.version) + "; expected " + kVersion);
  }
  auto options = check_options(search);
  if (!options.ok()) return options;
  options->mutants = !words.no_mutants;
  options->merges = true;
  options->shard.emplace();
  options->shard->folder = words.folder;
  options->shard->count = shared.shards;
  options->shard->command = shard_command(shared.scenario, search, words.folder);
  return options;
}

int run_merge_command(const MergeWords& words) {
  std::vector<ReportRequest> requests;
  for (const std::string& text : words.reports) {
    auto request = parse_report_request(text);
    if (!request) return fail(request.error());
    requests.push_back(*request);
  }
  const auto shared = read_shared_search(words.folder);
  if (!shared) return fail(shared.error());
  SearchWords search;
  search.processes = shared->processes;
  search.kills = shared->kills;
  search.time = shared->time;
  auto options = options_of(words, *shared, search);
  if (!options) return fail(options.error());
  const auto scenarios = find_checked({shared->scenario});
  if (!scenarios) return fail(scenarios.error());
  const Scenario& scenario = scenarios->front();
  end_on_interruption();
  auto result = [&] {
    const Watching watching(scenario.name, *options);
    return check(scenario, *options);
  }();
  if (!result) return fail(result.error());
  result->version = kVersion;
  result->notes.push_back(fmt::format("of {} shards", shared->shards));
  if (!result->replay.empty()) result->replay += file_again(scenario) + words_again(search);
  say_where(scenario, *result);
  std::fputs(screen(*result, standard_output_style()).c_str(), stdout);
  Keeping keeping(words.store);
  keeping.keep(*result);
  annotate({*result});
  for (const ReportRequest& request : requests) {
    if (auto written = write_report(request, {*result}, kVersion); !written)
      return fail(written.error());
  }
  if (!keeping.done()) return fail(keeping.done().error());
  return exit_code(result->verdict);
}

}  // namespace

Run add_merge_command(CLI::App& app) {
  auto words = std::make_shared<MergeWords>();
  CLI::App* command =
      app.add_subcommand("merge", "the verdict of a search that was done by `check --shard`");
  command->add_option("DIR", words->folder, "the folder that the shards shared")->required();
  command->add_flag("--no-mutants", words->no_mutants, "do not search the scenario's mutants");
  command
      ->add_option("--report", words->reports,
                   "KIND: json, junit, html, sarif or trace; FILE - is standard output")
      ->allow_extra_args(false)
      ->type_name("KIND=FILE");
  add_store_options(*command, words->store);
  return [words] { return run_merge_command(*words); };
}

}  // namespace lockproof
