// SPDX-License-Identifier: Apache-2.0
// From the words of a command line to scenario files, and from those to scenarios.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/file.h"
#include "core/text.h"
#include "subject/scenario.h"
#include "subject/toml_reader.h"

namespace lockproof {
namespace {

namespace fs = std::filesystem;

// What the file is called: below the root its way from there, so that it is found again by that;
// else its folder and its stem.
std::string name_of(const fs::path& file, const fs::path& root) {
  const fs::path whole = fs::absolute(file).lexically_normal();
  const fs::path from_root = whole.lexically_relative(fs::absolute(root).lexically_normal());
  if (!from_root.empty() && *from_root.begin() != ".." && from_root.has_parent_path()) {
    return fs::path(from_root).replace_extension().string();
  }
  return whole.parent_path().filename().string() + "/" + whole.stem().string();
}

bool is_toml(const fs::path& file) { return file.extension() == ".toml"; }

// Every .toml below a folder, sorted; links to folders are not followed, so there is an end.
Result<std::vector<fs::path>> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::recursive_directory_iterator walk(folder, error);
  for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
    std::error_code gone;
    if (is_toml(walk->path()) && walk->is_regular_file(gone)) files.push_back(walk->path());
  }
  const std::string shown = escape(folder.string(), 1024);
  if (error)
    return usage_error(ErrorCode::kUnreadable, fmt::format("{}: {}", shown, error.message()));
  if (files.empty())
    return usage_error(ErrorCode::kUnknownName, shown + ": no scenario (*.toml) in this folder");
  std::sort(files.begin(), files.end());
  return files;
}

// A name as reports print it: one or two plain parts, so that it cannot lead out of the root.
bool is_name(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '/' || c == '.';
  };
  return !word.empty() && word.find("..") == std::string_view::npos && word.front() != '/' &&
         word.front() != '.' && std::all_of(word.begin(), word.end(), plain);
}

std::vector<std::string> known_names(const fs::path& root) {
  std::set<std::string> names;
  if (const auto files = files_below(root)) {
    for (const fs::path& file : files.value()) {
      names.insert(name_of(file, root));
      names.insert(file.lexically_relative(root).begin()->string());  // the family
    }
  }
  return {names.begin(), names.end()};
}

// The files that one word means.
Result<std::vector<fs::path>> files_of(const std::string& word, const fs::path& root) {
  std::error_code error;
  const fs::path named = is_name(word) ? root / word : fs::path();
  const fs::path as_file = named.empty() ? named : fs::path(named.string() + ".toml");
  const bool is_path = fs::exists(word, error);
  // A plain word is a family first; a word with a '/' is the path that exists.
  const bool path_first = is_path && word.find('/') != std::string::npos;
  if (!path_first && !named.empty()) {
    if (fs::is_regular_file(as_file, error)) return std::vector<fs::path>{as_file};
    if (fs::is_directory(named, error)) return files_below(named);
  }
  if (is_path && fs::is_directory(word, error)) return files_below(word);
  if (is_path) return std::vector<fs::path>{word};
  return usage_error(ErrorCode::kUnknownName,
                     fmt::format("no scenario, family, file or folder '{}'{}", escape(word),
                                 suggestion(word, known_names(root))));
}

}  // namespace

Result<Scenario> read_scenario(const fs::path& file, std::string name) {
  Result<std::string> text = read_whole_file(file, kMaxTomlBytes + 1);
  if (!text) return text.error();
  Result<Scenario> scenario = parse_scenario(*text, file.string(), std::move(name));
  if (scenario) scenario->file = file;
  return scenario;
}

Result<std::vector<Scenario>> find_scenarios(const std::vector<std::string>& words,
                                             const fs::path& root) {
  if (words.empty()) return usage_error(ErrorCode::kUnknownName, "no scenario was named");
  std::vector<Scenario> scenarios;
  std::set<fs::path> seen_files;
  for (const std::string& word : words) {
    const Result<std::vector<fs::path>> files = files_of(word, root);
    if (!files) return files.error();
    for (const fs::path& file : files.value()) {
      std::error_code error;
      const fs::path real = fs::canonical(file, error);
      if (!seen_files.insert(error ? file : real).second) continue;
      Result<Scenario> scenario = read_scenario(file, name_of(file, root));
      if (!scenario) return scenario.error();
      scenarios.push_back(std::move(*scenario));
    }
  }
  return scenarios;
}

}  // namespace lockproof
