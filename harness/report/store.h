// SPDX-License-Identifier: Apache-2.0
// The store: what runs left behind, one folder each, `STORE/SCENARIO/TIME/`:
//
//   result.json     everything about the run (docs/REPORTS.md)
//   history.jsonl   its events (docs/HISTORY.md); only where some were kept
//   timeline.html   the same to look at; only where some were kept
//
// `STORE/SCENARIO/latest` and `STORE/latest` are links to the run that was kept last. A run's
// folder appears complete, under a name that no other run has, however many keep theirs at once.
// Nothing is removed but by prune_runs(). If the process dies here, a folder `.making-*` may
// remain.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/verdict.h"

namespace lockproof {

inline constexpr const char* kStoreHere = ".lockproof";

// Makes the store if there is none, with a .gitignore. Returns the run's folder. May wait for
// another process that is just now publishing or pruning. Errors: kInternal, what could not be
// written and why.
Result<std::filesystem::path> keep_run(const std::filesystem::path& store, const RunResult& result);

struct KeptRun {
  std::string name;  // "genie/serve_pid/20260102T030405.678Z", below the store
  std::filesystem::path folder;
};

// By scenario, the oldest first; no store: none. Errors: kUsage, a folder that cannot be read.
Result<std::vector<KeptRun>> kept_runs(const std::filesystem::path& store);

// `word`: a run's folder or its result.json, its name in the store, a scenario (its latest run), or
// "latest". Errors: kUsage, with the nearest name.
Result<KeptRun> find_run(const std::filesystem::path& store, const std::string& word);

// What result.json says. Errors: kUsage, the file and what is wrong with it.
Result<RunResult> read_run(const KeptRun& run);

// Removes all but the newest `keep` runs of each scenario; returns those that are gone. Only
// folders that look as keep_run() makes them. Errors: kInternal. REQUIRES: keep > 0, so links stay
// valid.
Result<std::vector<KeptRun>> prune_runs(const std::filesystem::path& store, std::size_t keep);

}  // namespace lockproof
