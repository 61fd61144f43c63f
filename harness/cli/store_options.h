// SPDX-License-Identifier: Apache-2.0
// Where runs are kept: --store and --no-store, the variable LOCKPROOF_STORE, and what is kept
// there.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "core/result.h"
#include "core/verdict.h"

namespace lockproof {

struct StoreWords {
  std::string folder;  // --store: every run is kept there
  bool none = false;   // --no-store
};

// For commands that leave runs.
void add_store_options(CLI::App& command, StoreWords& words);
// For commands that read them: --store alone.
void add_store_option(CLI::App& command, std::string& folder);

// What --store says; else LOCKPROOF_STORE, where it is set and not empty; else .lockproof.
std::filesystem::path store_named(const std::string& folder);

// Keeps runs as the words say. Where nobody asked for a store, what was violated, because that is
// what one looks at again; and nothing where LOCKPROOF_STORE is set and empty.
class Keeping {
 public:
  explicit Keeping(StoreWords words);
  // Says on standard error where it is. What fails is told by done(), once all verdicts are said.
  void keep(const RunResult& result);
  const Result<>& done() const { return done_; }

 private:
  StoreWords words_;
  Result<> done_ = Nothing{};
};

}  // namespace lockproof
