// SPDX-License-Identifier: Apache-2.0
// What people and machines read. A report is a function of results: data first, text second.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/verdict.h"

namespace lockproof {

struct ScreenStyle {
  int columns = 80;     // nothing is wider, unless one word is
  bool colour = false;  // ANSI; never the only carrier of a meaning
};

// One scenario for a terminal or a pipe: the verdict line alone when it holds; else verdict, the
// invariant as a sentence, the events as one column a process, why, one replay line, counts and
// time.
std::string screen(const RunResult& result, const ScreenStyle& style);

// The closing line over several scenarios: "4 scenarios: 3 hold, 1 violated".
std::string summary(const std::vector<RunResult>& results);

// {"schema": 1, "version": ..., "results": [...]}, described in docs/REPORTS.md.
std::string json_report(const std::vector<RunResult>& results, const std::string& version);
// One result as the same object, both ways (a run's engine sends its result to the command through
// this).
std::string json_result(const RunResult& result);
Result<RunResult> parse_json_result(const std::string& text);

// JUnit XML, in the dialect that Jenkins, GitLab and GitHub's reporters all read.
std::string junit_report(const std::vector<RunResult>& results, const std::string& version);

// "json=FILE", "junit=FILE", FILE "-" is standard output. Files are written complete (temporary
// name, then rename) or not at all.
struct ReportRequest {
  std::string kind;
  std::string file;
};
Result<ReportRequest> parse_report_request(const std::string& text);
Result<> write_report(const ReportRequest& request, const std::vector<RunResult>& results,
                      const std::string& version);

}  // namespace lockproof
