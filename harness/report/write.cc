// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/file.h"
#include "core/text.h"
#include "report/report.h"

namespace lockproof {
namespace {

const std::vector<std::string> kReportKinds = {"json", "junit"};

}  // namespace

Result<ReportRequest> parse_report_request(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string kind = text.substr(0, equals);
  if (kind != kReportKinds[0] && kind != kReportKinds[1]) {
    return usage_error(fmt::format("report: '{}' is not a kind{}", escape(kind, 40),
                                   suggestion(kind, kReportKinds)));
  }
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return usage_error(
        fmt::format("report: expected {}=FILE, or {}=- for standard output", kind, kind));
  }
  return ReportRequest{kind, text.substr(equals + 1)};
}

Result<> write_report(const ReportRequest& request, const std::vector<RunResult>& results,
                      const std::string& version) {
  const std::string text =
      request.kind == "junit" ? junit_report(results, version) : json_report(results, version);
  return write_whole_file("the report", text, request.file);
}

}  // namespace lockproof
