// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "check/learn.h"
#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/search_options.h"
#include "cli/watching.h"
#include "core/file.h"
#include "core/text.h"
#include "core/verdict.h"
#include "stress/stress.h"

namespace lockproof {
namespace {

struct LearnWords {
  std::vector<std::string> scenarios;
  OneLine line;
  SearchWords search;
  std::string save;
  std::string against;
};

Result<Scenario> chosen(LearnWords& words) {
  auto scenarios = find_chosen("learn", words.scenarios, words.line);
  if (!scenarios) return scenarios.error();
  if (scenarios->size() != 1) {
    return usage_error(ErrorCode::kNotTogether,
                       fmt::format("learn: expected one scenario, found {}", scenarios->size()));
  }
  Scenario& scenario = scenarios->front();
  if (!scenario.subject.command) {
    return usage_error(
        ErrorCode::kNotTogether,
        fmt::format("learn: the subject of {} is built in; expected a program", scenario.name));
  }
  if (words.line.is_given() && words.search.processes == 0) {
    words.search.processes = kContendersOfALine;
  }
  return std::move(scenario);
}

void say(const char* what, const Scenario& scenario, const std::string& more) {
  fmt::print("{:<8}{}  {}\n", what, scenario.name, more);
}

int save(const Scenario& scenario, const LearnedTree& tree, const std::string& file) {
  if (auto written = write_whole_file("the tree", tree.text, file.empty() ? "-" : file); !written) {
    return fail(written.error());
  }
  if (file.empty() || file == "-") return kExitHolds;
  say("saved", scenario,
      fmt::format("{}: {} places, {} answers; {}", escape(file), tree.places, tree.answers,
                  tree.bounds));
  return kExitHolds;
}

int compare(const Scenario& scenario, const Relearned& found, const std::string& file) {
  const std::string shown = escape(file);
  if (found.differences == 0) {
    say("same", scenario, fmt::format("as in {}, {} answers compared", shown, found.answers));
    return kExitHolds;
  }
  say("DIFFERS", scenario,
      fmt::format(
          "{} not as in {}, {} of {} answers compared, none behind a difference\n\n{}",
          found.differences == 1 ? "a call is" : fmt::format("{} calls are", found.differences),
          shown, found.answers, found.known_answers, found.shown));
  if (!found.stopped.empty()) fmt::print("not complete: {}\n", found.stopped);
  return kExitViolated;
}

int run_learn_command(LearnWords words) {
  const auto scenario = chosen(words);
  if (!scenario) return fail(scenario.error());
  auto options = check_options(words.search);
  if (!options) return fail(options.error());
  if (const auto owner = owner_helper(); owner.ok()) options->stage.owner = owner->string();
  if (const std::string missing = missing_program(*scenario); !missing.empty()) {
    say("skipped", *scenario, missing);
    return kExitSkipped;
  }
  end_on_interruption();
  auto watching = std::make_unique<Watching>(scenario->name, *options);
  if (words.against.empty()) {
    const auto tree = learn(*scenario, *options);
    watching.reset();
    return tree.ok() ? save(*scenario, *tree, words.save) : fail(tree.error());
  }
  const auto found = learn_against(*scenario, *options, words.against);
  watching.reset();
  return found.ok() ? compare(*scenario, *found, words.against) : fail(found.error());
}

}  // namespace

Run add_learn_command(CLI::App& app) {
  auto words = std::make_shared<LearnWords>();
  CLI::App* command = app.add_subcommand(
      "learn", "what a program asks, as a tree of answers; what differs from a saved one");
  command->add_option("SCENARIO", words->scenarios, "a name (family/file) or a file");
  add_one_line_options(*command, words->line);
  CLI::Option* save =
      command->add_option("--save", words->save, "write the tree there, instead of printing it");
  CLI::Option* against = command->add_option(
      "--against", words->against, "give the program the answers of this tree, and compare");
  save->type_name("FILE");
  against->type_name("FILE")->excludes(save);
  add_plain_search_options(*command, words->search);
  for (const char* of_a_search : {"--processes", "--kills", "--time", "--memory", "--jobs"}) {
    against->excludes(command->get_option(of_a_search));
  }
  return [words] { return run_learn_command(*words); };
}

}  // namespace lockproof
