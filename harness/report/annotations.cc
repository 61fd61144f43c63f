// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/text.h"
#include "report/layout.h"
#include "report/report.h"

namespace lockproof {
namespace {

constexpr std::size_t kShown =
    9;  // GitHub shows ten of a step; the last one says how many are left
constexpr std::size_t kTextShown = 1000;

// As GitHub's own toolkit escapes what stands after "::", and in a property before it.
std::string in_data(std::string_view bytes) {
  std::string text;
  for (char c : escape(bytes, kTextShown)) text += c == '%' ? "%25" : std::string(1, c);
  return text;
}
std::string property(std::string_view bytes) {
  std::string text;
  for (char c : in_data(bytes)) {
    text += c == ':' ? "%3A" : c == ',' ? "%2C" : std::string(1, c);
  }
  return text;
}

std::string annotation(const RunResult& result) {
  const Finding* finding = result.findings.empty() ? nullptr : &result.findings.front();
  const bool fresh = result.verdict == Verdict::kViolated && result.known.empty();
  std::string place;
  if (!result.file.empty()) place = fmt::format("file={},", property(result.file));
  if (!place.empty() && finding != nullptr && finding->line != 0) {
    place += fmt::format("line={},", finding->line);
  }
  std::string text = finding == nullptr ? result.reason : finding->sentence + ": " + finding->why;
  if (!result.known.empty()) text = "known (" + result.known + "): " + text;
  const std::string replay =
      result.replay.empty() ? "" : "%0AReplay: " + in_data(command_line(result.replay));
  return fmt::format("::{} {}title={}::{}{}\n", fresh ? "error" : "warning", place,
                     property(fmt::format("{} {}", name(result.verdict), result.scenario)),
                     in_data(text), replay);
}

}  // namespace

std::string github_annotations(const std::vector<RunResult>& results) {
  std::string text;
  std::size_t number = 0;
  for (const RunResult& result : results) {
    if (result.verdict != Verdict::kViolated && result.verdict != Verdict::kInconclusive) continue;
    if (++number <= kShown) text += annotation(result);
  }
  if (number > kShown) {
    text += fmt::format("::error title=lockproof::and {} more; see the log\n", number - kShown);
  }
  return text;
}

}  // namespace lockproof
