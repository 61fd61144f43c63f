// SPDX-License-Identifier: Apache-2.0
#include "cli/baseline.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;

constexpr const char* kSchedule = "canary/no_lock@v1:AB~1c42899f";

class BaselineTest : public ::testing::Test {
 protected:
  BaselineTest() {
    std::string pattern = testing::TempDir() + "baseline.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~BaselineTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string file(const std::string& text) {
    const std::string name = folder_ + "/known.toml";
    std::ofstream(name) << text;
    return name;
  }
  static std::string entry(const std::string& schedule = kSchedule,
                           const std::string& expires = "2999-01-31",
                           const std::string& scenario = "canary/no_lock") {
    return "[[known]]\nscenario = \"" + scenario + "\"\ninvariant = \"one_owner\"\nschedule = \"" +
           schedule + "\"\nreason = \"ticket 7\"\nexpires = \"" + expires + "\"\n";
  }
  Outcome check(const std::string& text, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"check", "canary/no_lock", "--baseline", file(text)};
    words.insert(words.end(), more.begin(), more.end());
    return lockproof(words);
  }

  std::string folder_;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(BaselineTest, WhatIsKnownCountsAsNothingAndIsSaid) {
  const Outcome run = check(entry(), {"--report", "json=" + folder_ + "/r.json", "--report",
                                      "junit=" + folder_ + "/r.xml"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, " known     ticket 7 (until 2999-01-31)\n")) << run.out;
  std::ifstream in(folder_ + "/r.json");
  EXPECT_EQ(nlohmann::json::parse(in)["results"][0]["known"], "ticket 7 (until 2999-01-31)");
  std::ifstream xml(folder_ + "/r.xml");
  const std::string text(std::istreambuf_iterator<char>(xml), {});
  EXPECT_TRUE(says(text, "skipped=\"1\"") && says(text, "failures=\"0\"")) << text;
}

TEST_F(BaselineTest, WhatIsNotKnownCounts) {
  EXPECT_EQ(check("").status, 1);
  EXPECT_EQ(check(entry(), {"canary/loser_writes"}).status, 1);
}

TEST_F(BaselineTest, AnotherRunOfTheSameScenarioIsNew) {
  const Outcome run = check(entry("canary/no_lock@v1:BA~454508c1"));
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_TRUE(says(run.err, "remove the entry")) << run.err;
}

TEST_F(BaselineTest, AfterItsDayItIsNew) {
  const Outcome run = check(entry(kSchedule, "2020-01-31"));
  EXPECT_EQ(run.status, 1) << run.out;
  EXPECT_TRUE(says(run.out, "known until 2020-01-31, which is over: ticket 7")) << run.out;
}

TEST_F(BaselineTest, WhatDoesNotHappenAnyMoreIsAnError) {
  const std::string text = entry() + entry(kSchedule, "2999-01-31", "control/flock");
  const Outcome run = check(text, {"control/flock"});
  EXPECT_EQ(run.status, 2) << run.err;
  EXPECT_TRUE(says(run.err, "known.toml:7: control/flock does not break one_owner")) << run.err;
  EXPECT_EQ(check(text).status, 0) << "it was not judged";
}

TEST_F(BaselineTest, MistakesAreOneSentence) {
  const std::pair<std::string, const char*> table[] = {
      {"x = 1\n", "known.toml:1: unknown key 'x'"},
      {"[[known]]\nscenario = \"a/b\"\n", "is missing"},
      {entry(kSchedule, "soon"), "known.toml:6: key 'known[0].expires': expected a day"},
      {entry("canary/no_lock@v1:AB~00000000"), "known.toml:4: key 'known[0].schedule'"},
      {"known = 7\n", "known.toml:1: key 'known'"},
  };
  for (const auto& [text, sentence] : table) {
    const Outcome run = check(text);
    EXPECT_EQ(run.status, 2) << text;
    EXPECT_TRUE(says(run.err, sentence)) << run.err;
    EXPECT_EQ(run.out, "");
  }
  EXPECT_EQ(lockproof({"check", "canary/no_lock", "--baseline", folder_ + "/none"}).status, 2);
}

TEST_F(BaselineTest, EveryFormatIsMadeInOneRunAndSaysWhere) {
  ::setenv("GITHUB_ACTIONS", "true", 1);
  ::setenv("GITHUB_WORKSPACE", LOCKPROOF_SOURCE, 1);
  std::vector<std::string> words{"check", "canary/no_lock", "control/flock", "--store",
                                 folder_ + "/s"};
  for (const std::string kind : {"json", "junit", "html", "sarif", "trace"}) {
    words.insert(words.end(), {"--report", kind + "=" + folder_ + "/" + kind});
  }
  ::setenv("GITHUB_STEP_SUMMARY", (folder_ + "/page").c_str(), 1);
  std::ofstream(folder_ + "/page") << "what another step wrote\n";
  const Outcome run = lockproof(words);
  ::unsetenv("GITHUB_STEP_SUMMARY");
  ::unsetenv("GITHUB_ACTIONS");
  ::unsetenv("GITHUB_WORKSPACE");
  EXPECT_EQ(run.status, 1) << run.err;
  EXPECT_TRUE(says(run.err, "::error file=scenarios/canary/no_lock.toml,line=")) << run.err;
  std::stringstream page;
  page << std::ifstream(folder_ + "/page").rdbuf();
  EXPECT_TRUE(says(page.str(), "what another step wrote\n### lockproof: 2 scenarios"))
      << page.str();
  std::ifstream in(folder_ + "/sarif");
  const auto sarif = nlohmann::json::parse(in);
  EXPECT_EQ(sarif["runs"][0]["results"].size(), 1u);
  const Outcome why = lockproof({"explain", "canary/no_lock", "--store", folder_ + "/s"});
  EXPECT_EQ(why.status, 0) << why.err;
  EXPECT_TRUE(says(why.out, "now: A, B own")) << why.out;
  EXPECT_EQ(lockproof({"explain", "x", "--store", folder_}).status, 2);
}

}  // namespace
}  // namespace lockproof
