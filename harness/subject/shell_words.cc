// SPDX-License-Identifier: Apache-2.0
#include "subject/shell_words.h"

namespace lockproof {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kShellOnly = "$`|;<>&";

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  Result<std::vector<std::string>> split() {
    while (at_ < line_.size() && problem_.empty()) step(line_[at_++]);
    end_word();
    if (problem_.empty() && words_.empty()) problem_ = "the command is empty";
    if (!problem_.empty()) return usage_error(ErrorCode::kCommandWords, problem_);
    return std::move(words_);
  }

 private:
  void step(char c) {
    if (kSpace.find(c) != std::string_view::npos) return end_word();
    if (kShellOnly.find(c) != std::string_view::npos) return refuse(c, "quote it");
    in_word_ = true;
    if (c == '\'') {
      single_quotes();
    } else if (c == '"') {
      double_quotes();
    } else if (c == '\\') {
      backslash();
    } else {
      add(c);
    }
  }

  void single_quotes() {
    const std::size_t end = line_.find('\'', at_);
    if (end == std::string_view::npos) {
      problem_ = "a ' is not closed";
      return;
    }
    for (char c : line_.substr(at_, end - at_)) add(c);
    at_ = end + 1;
  }

  void double_quotes() {
    while (problem_.empty()) {
      if (at_ == line_.size()) {
        problem_ = "a \" is not closed";
        return;
      }
      const char c = line_[at_++];
      if (c == '"') return;
      if (c == '$' || c == '`') return refuse(c, "use single quotes");
      if (c != '\\' || at_ == line_.size()) {
        add(c);
      } else if (const char next = line_[at_];
                 std::string_view("$`\"\\\n").find(next) != std::string_view::npos) {
        ++at_;
        if (next != '\n') add(next);
      } else {
        add(c);  // in double quotes a backslash before any other character is itself
      }
    }
  }

  void backslash() {
    if (at_ == line_.size()) {
      problem_ = "nothing follows the last \\";
      return;
    }
    const char c = line_[at_++];
    if (c != '\n') add(c);
  }

  void add(char c) {
    if (c == '\0') problem_ = "a word cannot hold a NUL byte";
    word_ += c;
  }

  void refuse(char c, std::string_view advice) {
    problem_ = "no shell runs the command, so '";
    problem_ += c;
    problem_ += "' would not do what it does in one; ";
    problem_ += advice;
    problem_ += " or name a script";
  }

  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  bool in_word_ = false;  // '' is a word too
  std::string word_;
  std::vector<std::string> words_;
  std::string problem_;
};

bool needs_quotes(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:=,+@%{}").find(c) != std::string_view::npos;
  };
  for (char c : word) {
    if (!plain(c)) return true;
  }
  return word.empty();
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
  return Splitter(line).split();
}

std::string join_words(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    if (!needs_quotes(word)) {
      line += word;
      continue;
    }
    line += '\'';
    for (char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace lockproof
