// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "cli/chosen.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "core/history.h"
#include "core/text.h"
#include "invariants/invariant.h"
#include "report/report.h"
#include "subject/shell_words.h"

namespace lockproof {
namespace {

struct VerifyWords {
  std::vector<std::string> files;
  std::string invariants;
  std::vector<std::string> reports;
};

Result<std::vector<std::string>> chosen_invariants(const std::string& text) {
  std::vector<std::string> known;
  for (const InvariantInfo& info : all_invariants()) known.emplace_back(info.name);
  if (text.empty()) return known;
  std::vector<std::string> chosen;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    if (find_invariant(name) == nullptr) {
      return usage_error(ErrorCode::kUnknownName,
                         fmt::format("--invariants: unknown invariant '{}'{}", escape(name),
                                     suggestion(name, known)));
    }
    chosen.push_back(std::move(name));
  }
  return chosen;
}

Result<History> read_one(const std::string& file) {
  if (file == "-") return read_history(std::cin, "standard input");
  std::ifstream in(file);
  if (!in)
    return usage_error(ErrorCode::kUnreadable,
                       fmt::format("{}: {}", escape(file), std::strerror(errno)));
  try {
    return read_history(in, escape(file, 1024));
  } catch (const std::ios_base::failure&) {  // a folder can be opened, too
    return usage_error(ErrorCode::kUnreadable,
                       fmt::format("{}: cannot be read; expected a history", escape(file)));
  }
}

// Of each invariant the first finding, in the order of the history.
std::vector<Finding> first_of_each(std::vector<Finding> findings) {
  std::vector<Finding> first;
  for (Finding& finding : findings) {
    const auto same = [&](const Finding& f) { return f.invariant == finding.invariant; };
    if (std::none_of(first.begin(), first.end(), same)) first.push_back(std::move(finding));
  }
  std::stable_sort(first.begin(), first.end(), [](const Finding& a, const Finding& b) {
    return a.events.back().seq < b.events.back().seq;
  });
  return first;
}

RunResult judge(History history, const std::vector<std::string>& names) {
  RunResult result;
  result.scenario = history.scenario;
  result.subject = history.subject;
  result.world = history.world;
  result.strategy = kRecordedHistory;
  result.version = kVersion;
  std::vector<std::string> unjudged;
  for (const std::string& name : names) {
    const bool cut = history.excerpt && find_invariant(name)->needs_beginning;
    (cut ? unjudged : result.invariants).push_back(name);
  }
  result.findings = first_of_each(check(history, result.invariants));
  const auto owns = static_cast<std::uint64_t>(
      std::count_if(history.events.begin(), history.events.end(),
                    [](const Event& event) { return event.kind == Kind::kOwns; }));
  result.counts = {{"owners", owns}, {"events", history.events.size()}};
  result.bounds = kRecordedHistory;
  if (!unjudged.empty()) {
    result.notes.push_back(fmt::format("not judged, since events are missing before the first: {}",
                                       fmt::join(unjudged, ", ")));
  }
  if (!result.findings.empty()) {
    result.verdict = Verdict::kViolated;
    result.history = std::move(history);
  } else if (result.invariants.empty()) {
    result.reason = {ErrorCode::kNoProof,
                     "events are missing before the first, and nothing else was asked"};
  } else if (owns == 0) {
    result.reason = {ErrorCode::kNobodyOwned, "nobody ever owned"};
  } else {
    result.verdict = Verdict::kHolds;
    result.notes.emplace_back("it says nothing of other runs");
  }
  return result;
}

int run_verify_command(const VerifyWords& words) {
  const auto names = chosen_invariants(words.invariants);
  if (!names) return fail(names.error());
  std::vector<ReportRequest> requests;
  for (const std::string& text : words.reports) {
    auto request = parse_report_request(text);
    if (!request) return fail(request.error());
    requests.push_back(*request);
  }
  std::vector<RunResult> results;
  for (const std::string& file : words.files) {
    auto history = read_one(file);
    if (!history) return fail(history.error());
    results.push_back(judge(std::move(*history), *names));
    results.back().replay =
        "lockproof verify " + join_words({file}) +
        (words.invariants.empty() ? "" : " --invariants " + join_words({words.invariants}));
  }
  for (const RunResult& result : results) {
    std::fputs(screen(result, standard_output_style()).c_str(), stdout);
  }
  if (results.size() > 1) std::fputs(summary(results).c_str(), stdout);
  for (const ReportRequest& request : requests) {
    if (auto written = write_report(request, results, kVersion); !written)
      return fail(written.error());
  }
  return exit_code(worst(results));
}

}  // namespace

Run add_verify_command(CLI::App& app) {
  auto words = std::make_shared<VerifyWords>();
  CLI::App* command = app.add_subcommand("verify", "histories that were recorded elsewhere");
  command
      ->add_option("HISTORY", words->files,
                   "files of JSON Lines (docs/HISTORY.md); - is standard input")
      ->required();
  command
      ->add_option("--invariants", words->invariants,
                   "judge by these only: NAME,NAME (default: all that there are)")
      ->type_name("LIST");
  command->add_option("--report", words->reports, "KIND: json or junit; FILE - is standard output")
      ->allow_extra_args(false)
      ->type_name("KIND=FILE");
  return [words] { return run_verify_command(*words); };
}

}  // namespace lockproof
