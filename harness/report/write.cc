// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cassert>

#include "core/file.h"
#include "core/text.h"
#include "report/report.h"

namespace lockproof {
namespace {

struct Format {
  const char* name;
  std::string (*text)(const std::vector<RunResult>&, const std::string& version);
};
constexpr Format kFormats[] = {{"json", json_report},
                               {"junit", junit_report},
                               {"html", html_report},
                               {"sarif", sarif_report},
                               {"trace", trace_report}};

const Format* format_named(const std::string& name) {
  for (const Format& format : kFormats) {
    if (name == format.name) return &format;
  }
  return nullptr;
}

}  // namespace

Result<ReportRequest> parse_report_request(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string kind = text.substr(0, equals);
  if (format_named(kind) == nullptr) {
    std::vector<std::string> known;
    for (const Format& one : kFormats) known.emplace_back(one.name);
    return usage_error(
        ErrorCode::kUnknownName,
        fmt::format("report: '{}' is not a kind{}", escape(kind, 40), suggestion(kind, known)));
  }
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return usage_error(
        ErrorCode::kBadValue,
        fmt::format("report: expected {}=FILE, or {}=- for standard output", kind, kind));
  }
  return ReportRequest{kind, text.substr(equals + 1)};
}

Result<> write_report(const ReportRequest& request, const std::vector<RunResult>& results,
                      const std::string& version) {
  const Format* format = format_named(request.kind);
  assert(format != nullptr);
  return write_whole_file("the report", format->text(results, version), request.file);
}

}  // namespace lockproof
