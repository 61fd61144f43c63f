// SPDX-License-Identifier: Apache-2.0
// The reports as people and parsers get them, compared with approved files: a changed report is a
// reviewed change.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "report/report.h"
#include "report/samples.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

struct Golden {
  std::string name;
  std::vector<RunResult> results;
};

// GoogleTest shows a parameter by this, and by its bytes otherwise.
void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }

std::vector<Golden> goldens() {
  return {{"holds", {samples::holds()}},       {"violated", {samples::violated()}},
          {"hostile", {samples::hostile()}},   {"inconclusive", {samples::inconclusive()}},
          {"searched", {samples::searched()}}, {"stepped", {samples::stepped()}},
          {"skipped", {samples::skipped()}},   {"several", samples::several()}};
}

void compare(const std::string& name, const std::string& text) {
  const fs::path actual = fs::path(LOCKPROOF_GOLDEN_ACTUAL) / name;
  fs::create_directories(actual.parent_path());
  std::ofstream(actual, std::ios::binary) << text;
  const fs::path approved = fs::path(LOCKPROOF_SOURCE) / "harness/report/golden" / name;
  std::ifstream in(approved, std::ios::binary);
  std::stringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(expected.str(), text) << "to approve the change: harness/report/golden/accept "
                                  << actual.parent_path().string();
}

class GoldenOutput : public testing::TestWithParam<Golden> {};

TEST_P(GoldenOutput, Screen) {
  std::string text;
  for (const RunResult& result : GetParam().results) text += screen(result, {}) + '\n';
  compare(GetParam().name + ".txt", text + summary(GetParam().results));
}

TEST_P(GoldenOutput, Json) {
  compare(GetParam().name + ".json", json_report(GetParam().results, "0.1.0"));
}

TEST_P(GoldenOutput, Junit) {
  compare(GetParam().name + ".xml", junit_report(GetParam().results, "0.1.0"));
}

TEST_P(GoldenOutput, Html) {
  compare(GetParam().name + ".html", html_report(GetParam().results, "0.1.0"));
}

TEST_P(GoldenOutput, Sarif) {
  compare(GetParam().name + ".sarif", sarif_report(GetParam().results, "0.1.0"));
}

TEST_P(GoldenOutput, Trace) {
  compare(GetParam().name + ".trace", trace_report(GetParam().results, "0.1.0"));
}

INSTANTIATE_TEST_SUITE_P(All, GoldenOutput, testing::ValuesIn(goldens()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lockproof
