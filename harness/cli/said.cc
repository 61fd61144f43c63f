// SPDX-License-Identifier: Apache-2.0
#include "cli/said.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "report/report.h"
#include "subject/scenario_place.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

std::string from_the_root(const fs::path& file) {
  std::error_code error;
  const fs::path real = fs::canonical(file, error);
  if (error) return file.string();
  std::vector<fs::path> roots{fs::current_path(error)};
  for (const char* const variable : {"CI_PROJECT_DIR", "GITHUB_WORKSPACE"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') roots.insert(roots.begin(), value);
  }
  for (const fs::path& root : roots) {
    const fs::path relative = real.lexically_relative(fs::canonical(root, error));
    if (!error && !relative.empty() && *relative.begin() != "..") return relative.string();
  }
  return real.string();
}

}  // namespace

void say_where(const Scenario& scenario, RunResult& result) {
  if (scenario.file.empty()) return;
  result.file = from_the_root(scenario.file);
  for (Finding& finding : result.findings) {
    finding.line = line_of_promise(scenario.file, finding.invariant);
  }
}

void annotate(const std::vector<RunResult>& results) {
  const char* value = std::getenv("GITHUB_ACTIONS");
  if (value == nullptr || std::string_view(value) != "true") return;
  std::fputs(github_annotations(results).c_str(), stderr);
  const char* page = std::getenv("GITHUB_STEP_SUMMARY");
  if (page == nullptr || *page == '\0') return;
  std::ofstream out(page, std::ios::app);
  out << github_summary(results) << std::flush;
  if (!out)
    std::fputs("::warning title=lockproof::GITHUB_STEP_SUMMARY cannot be written\n", stderr);
}

}  // namespace lockproof
