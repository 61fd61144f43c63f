// SPDX-License-Identifier: Apache-2.0
// What people and machines read. A report is a function of results: data first, text second.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/verdict.h"

namespace lockproof {

// The strategy of a history that was recorded elsewhere: nothing was drawn for it.
inline constexpr std::string_view kRecordedHistory = "one recorded history";

struct ScreenStyle {
  int columns = 80;     // nothing is wider but a replay line; less than 40 is taken as 40
  bool colour = false;  // ANSI; never the only carrier of a meaning
};

// One scenario for a terminal or a pipe, lines ended by newlines: verdict, what was tried, counts
// and the replay line when it holds; else verdict with the invariant as a sentence, the events as
// one column a process, why, ONE replay line, counts and time, what else was found. A stress run
// that holds says that it is no proof. The replay line alone may be wider than the style says.
std::string screen(const RunResult& result, const ScreenStyle& style);

// The closing line over several scenarios: "4 scenarios: 3 hold, 1 violated\n".
std::string summary(const std::vector<RunResult>& results);

// {"schema": 1, "version": ..., "results": [...]}, described in docs/REPORTS.md.
std::string json_report(const std::vector<RunResult>& results, const std::string& version);
// One result as the same object, both ways (a run's engine sends its result to the command through
// this). What is not UTF-8 is written as \xNN; else parsing gives back exactly what was written.
std::string json_result(const RunResult& result);
// The same on many lines, for people, too.
std::string json_document(const RunResult& result);
Result<RunResult> parse_json_result(const std::string& text);

// JUnit XML, in the dialect that Jenkins, GitLab and GitHub's reporters all read.
std::string junit_report(const std::vector<RunResult>& results, const std::string& version);

// One HTML file without anything from outside: each run as an overview and a table that is stepped
// through by keyboard.
std::string html_report(const std::vector<RunResult>& results, const std::string& version);

// SARIF 2.1.0, as code scanning reads it: a result a broken promise, at its line of the scenario,
// one thread flow a process.
std::string sarif_report(const std::vector<RunResult>& results, const std::string& version);

// Chrome's trace format, which Perfetto and speedscope read, too: a millisecond a row.
std::string trace_report(const std::vector<RunResult>& results, const std::string& version);

// Lines that GitHub shows beside the scenario's line: at most ten, because it shows no more of a
// step.
std::string github_annotations(const std::vector<RunResult>& results);

// Markdown for the page of a job: how many did what, and a row for each that does not hold, fifty
// at most.
std::string github_summary(const std::vector<RunResult>& results);

// What is so at each step of a run, which step before it it needs, and what the other order of the
// critical pair would have given. Lines of at most `columns`.
std::string explanation(const RunResult& result, int columns);

// What `lockproof explain LP0402` prints: a class of errors, what it means, and how to mend it.
std::string error_page(const ErrorPage& page, int columns);

// "json=FILE", "junit=FILE", "html=FILE", "sarif=FILE", "trace=FILE", FILE "-" is standard output.
// Files are written complete (temporary name, then rename) or not at all; a pipe or a device is
// written to, and never replaced.
struct ReportRequest {
  std::string kind;
  std::string file;
};
Result<ReportRequest> parse_report_request(const std::string& text);
Result<> write_report(const ReportRequest& request, const std::vector<RunResult>& results,
                      const std::string& version);

}  // namespace lockproof
