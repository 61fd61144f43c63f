// SPDX-License-Identifier: Apache-2.0
// `lockproof verify`: histories that were recorded elsewhere.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

// The example of docs/HISTORY.md, in which two own.
std::vector<std::string> documented_lines() {
  std::ifstream file(LOCKPROOF_SOURCE "/docs/HISTORY.md");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("{\"s")) lines.push_back(line);
  }
  return lines;
}

class Verify : public testing::Test {
 protected:
  ~Verify() override { std::filesystem::remove(file_); }

  Outcome verify(const std::vector<std::string>& lines, std::vector<std::string> words = {}) const {
    std::ofstream out(file_);
    for (const std::string& line : lines) out << line << "\n";
    out.close();
    words.insert(words.begin(), {"verify", file_});
    return lockproof(words);
  }

  const std::string file_ = testing::TempDir() + "verify." + std::to_string(::getpid()) + ".jsonl";
  std::vector<std::string> lines_ = documented_lines();
};

TEST_F(Verify, SaysNoSeedOfAHistoryForWhichNoneWasDrawn) {
  const Outcome run = verify(documented_lines());
  EXPECT_TRUE(says(run.out, " tried     one recorded history\n")) << run.out;
  EXPECT_FALSE(says(run.out, "seed")) << run.out;
}

TEST_F(Verify, WhatTheDocumentShowsIsViolated) {
  ASSERT_GT(lines_.size(), 10u);
  const Outcome run = verify(lines_, {"--report", "json=-"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(run.out.starts_with("VIOLATED  at no time two owners")) << run.out;
  EXPECT_TRUE(says(run.out, "replay    lockproof verify " + file_)) << run.out;
  const auto json = nlohmann::json::parse(run.out.substr(run.out.find("\n{") + 1));
  EXPECT_EQ(json["results"][0]["scenario"], "canary/one");
  EXPECT_EQ(json["results"][0]["counts"]["owners"], 2);
}

TEST_F(Verify, WithOneOwnerLessItHolds) {
  std::erase_if(lines_, [](const std::string& line) { return says(line, "\"seq\":8,"); });
  const Outcome run = verify(lines_);
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "it says nothing of other runs")) << run.out;
}

TEST_F(Verify, OnlyWhatIsAskedIsJudged) {
  const Outcome run = verify(lines_, {"--invariants", "record_names_owner,recovers"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "2 invariants")) << run.out;
}

TEST_F(Verify, WithoutAnyOwnerNothingIsShown) {
  const Outcome run = verify({lines_[0], lines_[1]});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "nobody ever owned")) << run.out;
}

TEST_F(Verify, WhatNeedsTheBeginningIsNotJudgedWithoutIt) {
  lines_[0].replace(lines_[0].find("false"), 5, "true");
  const Outcome run = verify(lines_, {"--invariants", "recovers"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "not judged, since events are missing before the first: recovers"))
      << run.out;
}

TEST_F(Verify, BadInputIsOneSentence) {
  struct Row {
    Outcome run;
    const char* message;
  };
  const Row table[] = {
      {lockproof({"verify"}), "HISTORY is required"},
      {lockproof({"verify", "/no/such/file"}), "/no/such/file: No such file or directory"},
      {lockproof({"verify", "/"}), "/: cannot be read"},
      {verify({"{}"}), ".jsonl:1: expected a header"},
      {verify({lines_[0], lines_[2], lines_[1]}), ".jsonl:3: "},
      {verify(lines_, {"--invariants", "one_owne"}), "did you mean 'one_owner'?"},
  };
  for (const Row& row : table) {
    EXPECT_EQ(row.run.status, 2) << row.run.out;
    EXPECT_TRUE(says(row.run.err, row.message)) << row.message << "\n" << row.run.err;
    EXPECT_EQ(std::count(row.run.err.begin(), row.run.err.end(), '\n'), 1) << row.run.err;
  }
}

}  // namespace
}  // namespace lockproof
