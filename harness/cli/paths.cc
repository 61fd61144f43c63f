// SPDX-License-Identifier: Apache-2.0
#include "cli/paths.h"

#include <fmt/format.h>

namespace lockproof {
namespace {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::current_path() : program.parent_path();
}

Result<fs::path> helper_named(const std::string& name) {
  const fs::path bin = program_folder();
  for (const std::string& relative : {name, "../libexec/lockproof/" + name}) {
    std::error_code error;
    const fs::path helper = fs::weakly_canonical(bin / relative, error);
    if (!error && fs::exists(helper, error)) return helper;
  }
  return internal_error(
      ErrorCode::kIncomplete,
      fmt::format("{} is missing beside {}; build or install all targets", name, bin.string()));
}

}  // namespace

fs::path scenario_root() {
  const fs::path bin = program_folder();
  // Installed; build/bin; build/PRESET/bin.
  for (const char* relative :
       {"../share/lockproof/scenarios", "../../scenarios", "../../../scenarios"}) {
    std::error_code error;
    const fs::path root = fs::weakly_canonical(bin / relative, error);
    if (!error && fs::is_directory(root, error)) return root;
  }
  return "scenarios";
}

Result<fs::path> critical_helper() { return helper_named("lockproof-critical"); }
Result<fs::path> owner_helper() { return helper_named("lockproof-owner"); }

}  // namespace lockproof
