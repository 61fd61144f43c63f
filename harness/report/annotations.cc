// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cctype>

#include "core/text.h"
#include "report/layout.h"
#include "report/report.h"
#include "report/wording.h"

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
  std::string text =
      finding == nullptr ? with_code(result.reason) : finding->sentence + ": " + finding->why;
  if (!result.known.empty()) text = "known (" + result.known + "): " + text;
  const std::string replay =
      result.replay.empty() ? "" : "%0AReplay: " + in_data(command_line(result.replay));
  return fmt::format("::{} {}title={}::{}{}\n", fresh ? "error" : "warning", place,
                     property(fmt::format("{} {}", name(result.verdict), result.scenario)),
                     in_data(text), replay);
}

// Text of a cell that is neither markup nor the cell's end, whatever it holds.
std::string in_cell(std::string_view bytes) {
  constexpr std::string_view kHarmless = " /.,:=-";
  std::string text;
  for (char c : escape(bytes, kTextShown)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool as_it_is =
        byte >= 0x80 || std::isalnum(byte) != 0 || kHarmless.find(c) != kHarmless.npos;
    text += as_it_is ? std::string(1, c) : fmt::format("&#{};", byte);
  }
  return text;
}

std::string row(const RunResult& result) {
  const Finding* finding = result.findings.empty() ? nullptr : &result.findings.front();
  const std::string why = finding == nullptr ? with_code(result.reason) : finding->sentence;
  const std::string known = result.known.empty() ? "" : "known (" + result.known + "): ";
  const std::string replay =
      result.replay.empty() ? "" : fmt::format("<code>{}</code>", in_cell(result.replay));
  return fmt::format("| {} | {} | {} | {} |\n", name(result.verdict), in_cell(result.scenario),
                     in_cell(known + why), replay);
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

std::string github_summary(const std::vector<RunResult>& results) {
  constexpr std::size_t kRows = 50;
  std::string text = "### lockproof: " + summary(results);
  std::size_t number = 0;
  for (const RunResult& result : results) {
    if (result.verdict == Verdict::kHolds) continue;
    if (++number == 1) text += "\n| verdict | scenario | why | replay |\n|---|---|---|---|\n";
    if (number <= kRows) text += row(result);
  }
  if (number > kRows) text += fmt::format("\nand {} more; see the log\n", number - kRows);
  return text + "\n";
}

}  // namespace lockproof
