// SPDX-License-Identifier: Apache-2.0
#include "subject/expand_command.h"

#include <filesystem>

namespace lockproof {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

std::vector<std::string> expand_command(const Scenario& scenario, const std::string& dir,
                                        const std::vector<std::string>& critical) {
  return expand_words(scenario, scenario.subject.command->run, dir, critical);
}

std::vector<std::string> expand_words(const Scenario& scenario,
                                      const std::vector<std::string>& given, const std::string& dir,
                                      const std::vector<std::string>& critical) {
  std::error_code no_file;  // a one-line form has none, and no {here} either
  const std::string here = std::filesystem::absolute(scenario.file, no_file).parent_path().string();
  std::vector<std::string> words;
  for (std::string word : given) {
    if (word == "{critical}") {
      words.insert(words.end(), critical.begin(), critical.end());
      continue;
    }
    replace_all(word, "{dir}", dir);
    replace_all(word, "{here}", here);
    replace_all(word, "{critical}", join(critical));
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace lockproof
