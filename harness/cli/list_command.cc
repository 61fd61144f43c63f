// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "check/strategies.h"
#include "cli/command.h"
#include "cli/paths.h"
#include "cli/store_options.h"
#include "core/json.h"
#include "core/text.h"
#include "faults/faults.h"
#include "invariants/invariant.h"
#include "report/report.h"
#include "report/store.h"
#include "subject/builtin.h"
#include "subject/scenario.h"
#include "subject/scenario_schema.h"

namespace lockproof {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

void print(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [name, text] : rows) width = std::max(width, name.size());
  for (const auto& [name, text] : rows) fmt::print("{:<{}}  {}\n", name, width, text);
}

Result<std::vector<Scenario>> every_scenario() {
  return find_scenarios({scenario_root().string()}, scenario_root());
}

Result<Rows> scenarios() {
  auto all = every_scenario();
  if (!all) return all.error();
  Rows rows;
  for (const Scenario& scenario : *all) rows.emplace_back(scenario.name, escape(scenario.title));
  return rows;
}

Result<Rows> mutants() {
  auto all = every_scenario();
  if (!all) return all.error();
  Rows rows;
  for (const Scenario& scenario : *all) {
    for (const auto& [mutant, invariant] : scenario.mutants) {
      rows.emplace_back(mutant, fmt::format("caught in {} by {}", scenario.name, invariant));
    }
  }
  return rows;
}

Result<Rows> subjects() {
  Rows rows;
  for (const Builtin& builtin : all_builtins()) {
    rows.emplace_back(builtin.name, builtin.summary);
  }
  return rows;
}

Result<Rows> invariants() {
  Rows rows;
  for (const InvariantInfo& info : all_invariants()) rows.emplace_back(info.name, info.sentence);
  return rows;
}

Result<Rows> faults() {
  Rows rows;
  for (const FaultInfo& info : all_faults()) {
    rows.emplace_back(info.name,
                      fmt::format("{}{}", info.sentence, info.in_stress ? "" : " (not in stress)"));
  }
  return rows;
}

Result<Rows> strategies() {
  Rows rows;
  for (const StrategyInfo& info : all_strategies()) rows.emplace_back(info.name, info.sentence);
  return rows;
}

// A run that cannot be read is a row that says so.
Result<Rows> runs(const std::string& store) {
  const auto kept = kept_runs(store_named(store));
  if (!kept) return kept.error();
  Rows rows;
  for (const KeptRun& run : *kept) {
    const auto result = read_run(run);
    std::string text = result ? std::string(name(result->verdict)) : result.error().sentence;
    if (result && !result->findings.empty()) text += ": " + result->findings.front().sentence;
    rows.emplace_back(escape(run.name), escape(text));
  }
  return rows;
}

Result<Rows> codes() {
  Rows rows;
  for (const ErrorPage& page : all_error_pages()) {
    rows.emplace_back(name(page.code), std::string(page.title));
  }
  return rows;
}

struct Listing {
  const char* what;
  Result<Rows> (*rows)();
};
constexpr Listing kListings[] = {
    {"scenarios", scenarios}, {"subjects", subjects}, {"invariants", invariants},
    {"faults", faults},       {"mutants", mutants},   {"strategies", strategies},
    {"codes", codes}};

int run_list(const std::string& what, const std::string& store) {
  std::vector<std::string> known{"runs", "schema"};
  if (what == "runs") {
    const auto rows = runs(store);
    if (!rows) return fail(rows.error());
    print(*rows);
    return kExitHolds;
  }
  if (what == "schema") {
    fmt::print("{}\n", to_text(scenario_schema(), 2));
    return kExitHolds;
  }
  if (!store.empty())
    return fail(
        usage_error(ErrorCode::kNotTogether, "--store: means something to 'list runs' only"));
  for (const Listing& listing : kListings) {
    known.emplace_back(listing.what);
    if (what != listing.what) continue;
    const auto rows = listing.rows();
    if (!rows) return fail(rows.error());
    print(*rows);
    return kExitHolds;
  }
  return fail(usage_error(ErrorCode::kUnknownName, fmt::format("list: unknown '{}'{}", escape(what),
                                                               suggestion(what, known))));
}

}  // namespace

Run add_list_command(CLI::App& app) {
  auto what = std::make_shared<std::string>("scenarios");
  auto store = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("list",
                         "scenarios, subjects, invariants, faults, mutants, "
                         "strategies, codes of errors, runs, or the schema of scenarios");
  command->add_option("WHAT", *what,
                      "scenarios (default), subjects, invariants, faults, mutants, strategies, "
                      "codes, runs, schema");
  add_store_option(*command, *store);
  return [what, store] { return run_list(*what, *store); };
}

}  // namespace lockproof
