// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/command.h"
#include "cli/store_options.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/verdict.h"
#include "report/report.h"
#include "report/store.h"

namespace lockproof {
namespace {

struct ExplainWords {
  std::string run = "latest";
  std::string store;
};

int run_explain_command(const ExplainWords& words) {
  const auto run = find_run(store_named(words.store), words.run);
  if (!run) return fail(run.error());
  const auto result = read_run(*run);
  if (!result) return fail(result.error());
  const std::string text = explanation(*result, standard_output_style().columns);
  const auto written = write_whole_file("the explanation", text, "-");
  return written ? kExitHolds : fail(written.error());
}

}  // namespace

Run add_explain_command(CLI::App& app) {
  auto words = std::make_shared<ExplainWords>();
  CLI::App* command = app.add_subcommand(
      "explain", "a kept run: what is so after each step, and what the other order gives");
  command->add_option(
      "RUN", words->run,
      "as 'lockproof list runs' has it, a scenario (its latest), a run's folder, or "
      "latest (default)");
  add_store_option(*command, words->store);
  return [words] { return run_explain_command(*words); };
}

}  // namespace lockproof
