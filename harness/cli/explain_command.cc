// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/store_options.h"
#include "cli/terminal.h"
#include "core/file.h"
#include "core/text.h"
#include "core/verdict.h"
#include "report/report.h"
#include "report/store.h"

namespace lockproof {
namespace {

struct ExplainWords {
  std::string run = "latest";
  std::string store;
};

// "LP0402" is no name of a run, nor anything near it.
bool is_code(std::string_view word) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return word.size() > 2 && (word.starts_with("LP") || word.starts_with("lp")) &&
         std::all_of(word.begin() + 2, word.end(), is_digit);
}

int show(const std::string& text) {
  const auto written = write_whole_file("the explanation", text, "-");
  return written ? kExitHolds : fail(written.error());
}

int explain_code(const std::string& word) {
  const ErrorPage* const found = find_error_page(word);
  if (found != nullptr) return show(error_page(*found, standard_output_style().columns));
  std::vector<std::string> known;
  for (const ErrorPage& page : all_error_pages()) known.push_back(name(page.code));
  return fail(usage_error(ErrorCode::kUnknownName,
                          fmt::format("explain: unknown code '{}'{}; see lockproof list codes",
                                      escape(word), suggestion(word, known))));
}

int run_explain_command(const ExplainWords& words) {
  if (is_code(words.run)) return explain_code(words.run);
  const auto run = find_run(store_named(words.store), words.run);
  if (!run) return fail(run.error());
  const auto result = read_run(*run);
  if (!result) return fail(result.error());
  return show(explanation(*result, standard_output_style().columns));
}

}  // namespace

Run add_explain_command(CLI::App& app) {
  auto words = std::make_shared<ExplainWords>();
  CLI::App* command = app.add_subcommand(
      "explain",
      "a kept run: what is so after each step, and what the other order gives; or a code of an "
      "error");
  command->add_option(
      "RUN", words->run,
      "as 'lockproof list runs' has it, a scenario (its latest), a run's folder, or "
      "latest (default); or a code such as LP0402");
  add_store_option(*command, words->store);
  return [words] { return run_explain_command(*words); };
}

}  // namespace lockproof
