// SPDX-License-Identifier: Apache-2.0
// A scenario from one line of the command line: --wrapper 'flock -n {dir}/lock {critical}'.
#include <filesystem>

#include "core/text.h"
#include "subject/command_subject.h"
#include "subject/placeholders.h"
#include "subject/scenario.h"
#include "subject/scenario_defaults.h"
#include "subject/shell_words.h"

namespace lockproof {

Result<CommandSubject> one_line_subject(CommandSubject::Type type, std::string_view command,
                                        CommandSubject::Owners owners) {
  const std::string kind = name(type);
  Result<std::vector<std::string>> words = split_words(command);
  if (!words)
    return usage_error(ErrorCode::kCommandWords, "--" + kind + ": " + words.error().sentence);

  CommandSubject subject;
  subject.type = type;
  subject.owners_by = owners;
  subject.run = std::move(*words);
  subject.name = escape(std::filesystem::path(subject.run[0]).filename().string(), 60);
  const std::string problem = placeholder_problem(subject);
  if (!problem.empty()) return usage_error(ErrorCode::kCommandWords, "--" + kind + ": " + problem);
  for (const std::string& word : subject.run) {
    if (word.find("{here}") != std::string::npos) {
      return usage_error(ErrorCode::kCommandWords,
                         "--" + kind + ": {here} is the folder of a scenario file; write the path");
    }
  }
  if (subject.name.empty())
    return usage_error(ErrorCode::kCommandWords, "--" + kind + ": the first word names no program");
  return subject;
}

Result<Scenario> one_line_scenario(CommandSubject::Type type, std::string_view command) {
  auto subject = one_line_subject(type, command);
  if (!subject) return subject.error();
  Scenario scenario;
  scenario.name = name(type) + ":" + subject->name;
  scenario.title = join_words(subject->run);
  scenario.subject.command = std::move(*subject);
  scenario.cast = default_cast(scenario.subject);
  scenario.invariants = default_invariants(scenario.subject);
  scenario.faults = default_faults();
  return scenario;
}

}  // namespace lockproof
