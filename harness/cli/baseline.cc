// SPDX-License-Identifier: Apache-2.0
#include "cli/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <regex>

#include "core/file.h"
#include "core/schedule.h"
#include "core/text.h"
#include "subject/toml_reader.h"

namespace lockproof {
namespace {

// "lockproof replay SCHEDULE ...": the schedule.
std::string schedule_of(const RunResult& result) {
  constexpr std::string_view kReplay = "lockproof replay ";
  if (!result.replay.starts_with(kReplay)) return "";
  const std::string rest = result.replay.substr(kReplay.size());
  return rest.substr(0, rest.find(' '));
}

std::string required(TomlTable& table, const char* key, const char* what) {
  const TomlValue value = table[key];
  if (value) return value.line();
  table.missing(key, what);
  return "";
}

}  // namespace

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

Result<Baseline> Baseline::read(const std::filesystem::path& file, const std::string& today) {
  Baseline baseline;
  baseline.where_ = escape(file.string(), 1024);
  baseline.today_ = today;
  const auto text = read_whole_file(file, kMaxTomlBytes + 1);
  if (!text) return text.error();
  const auto root = parse_toml(*text, baseline.where_);
  if (!root) return root.error();
  static const std::regex day("[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])");
  Complaints complaints(baseline.where_);
  TomlTable top(*root, "", 1, complaints);
  if (const TomlValue known = top["known"]) {
    const auto items = known.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      TomlTable table = items[i].table();
      Entry& entry = baseline.entries_.emplace_back();
      entry.line = (*root)["known"][i].node()->source().begin.line;
      entry.scenario = required(table, "scenario", "which scenario fails");
      entry.invariant = required(table, "invariant", "which promise it breaks");
      entry.schedule = required(table, "schedule", "by which run, as 'replay' has it");
      entry.reason = required(table, "reason", "why that is allowed for now");
      entry.expires = required(table, "expires", "until when, \"2026-01-31\"");
      if (const auto read = decode(entry.schedule); !entry.schedule.empty() && !read) {
        table["schedule"].wrong(read.error().sentence);
      }
      if (!entry.expires.empty() && !std::regex_match(entry.expires, day)) {
        table["expires"].expected("a day, \"2026-01-31\"");
      }
      table.finish();
    }
  }
  top.finish();
  if (!complaints.none()) return complaints.first();
  return baseline;
}

void Baseline::judge(RunResult& result) {
  const bool judged = result.verdict == Verdict::kHolds || result.verdict == Verdict::kViolated;
  const std::string schedule = schedule_of(result);
  std::string reasons;
  std::size_t matched = 0;
  for (Entry& entry : entries_) {
    if (entry.scenario != result.scenario || !judged) continue;
    entry.judged = true;
    const bool broken =
        std::any_of(result.findings.begin(), result.findings.end(),
                    [&](const Finding& finding) { return finding.invariant == entry.invariant; });
    if (!broken || entry.schedule != schedule) continue;
    entry.matched = true;
    if (entry.expires < today_) {
      result.notes.push_back(
          fmt::format("known until {}, which is over: {}", entry.expires, entry.reason));
      continue;
    }
    ++matched;
    reasons +=
        fmt::format("{}{} (until {})", reasons.empty() ? "" : "; ", entry.reason, entry.expires);
  }
  if (matched > 0 && matched >= result.findings.size()) result.known = reasons;
}

std::vector<std::string> Baseline::stale() const {
  std::vector<std::string> sentences;
  for (const Entry& entry : entries_) {
    if (!entry.judged || entry.matched) continue;
    sentences.push_back(
        fmt::format("{}:{}: {} does not break {} by this schedule any more; remove the entry",
                    where_, entry.line, escape(entry.scenario), escape(entry.invariant)));
  }
  return sentences;
}

}  // namespace lockproof
