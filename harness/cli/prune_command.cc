// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/store_options.h"
#include "core/text.h"
#include "core/verdict.h"
#include "report/store.h"

namespace lockproof {
namespace {

struct PruneWords {
  std::string store;
  std::int64_t keep = 0;
};

int run_prune_command(const PruneWords& words) {
  if (words.keep < 1) {
    return fail(usage_error(ErrorCode::kBadValue,
                            fmt::format("--keep {}: expected at least 1", words.keep)));
  }
  const auto gone = prune_runs(store_named(words.store), static_cast<std::size_t>(words.keep));
  if (!gone) return fail(gone.error());
  for (const KeptRun& run : *gone) fmt::print("removed  {}\n", escape(run.name, 1024));
  return kExitHolds;
}

}  // namespace

Run add_prune_command(CLI::App& app) {
  auto words = std::make_shared<PruneWords>();
  CLI::App* command = app.add_subcommand("prune", "remove old runs from the store");
  command->add_option("--keep", words->keep, "so many runs of each scenario stay, the newest")
      ->required()
      ->type_name("N");
  add_store_option(*command, words->store);
  return [words] { return run_prune_command(*words); };
}

}  // namespace lockproof
