// SPDX-License-Identifier: Apache-2.0
#include "cli/store_options.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/text.h"
#include "report/store.h"

namespace lockproof {
namespace {

constexpr const char* kVariable = "LOCKPROOF_STORE";

}  // namespace

void add_store_option(CLI::App& command, std::string& folder) {
  command.add_option("--store", folder, "where runs are kept (default: .lockproof)")
      ->type_name("DIR");
}

void add_store_options(CLI::App& command, StoreWords& words) {
  auto* store = command.add_option(
      "--store", words.folder,
      "keep every run in this folder (default: those that are violated, in .lockproof)");
  store->type_name("DIR");
  command.add_flag("--no-store", words.none, "keep nothing")->excludes(store);
}

std::filesystem::path store_named(const std::string& folder) {
  if (!folder.empty()) return folder;
  const char* value = std::getenv(kVariable);
  return value != nullptr && *value != '\0' ? value : kStoreHere;
}

Keeping::Keeping(StoreWords words) : words_(std::move(words)) {
  const char* value = std::getenv(kVariable);
  if (words_.folder.empty() && value != nullptr && *value == '\0') words_.none = true;
}

void Keeping::keep(const RunResult& result) {
  const bool wanted =
      !words_.folder.empty() || (result.verdict == Verdict::kViolated && result.known.empty());
  if (words_.none || !wanted || !done_) return;
  const auto kept = keep_run(store_named(words_.folder), result);
  if (!kept) {
    done_ = kept.error();
    return;
  }
  fmt::print(stderr, "kept      {}\n", escape(kept->string(), 1024));
}

}  // namespace lockproof
