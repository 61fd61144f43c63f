// SPDX-License-Identifier: Apache-2.0
// `lockproof check` and `lockproof replay` as a user meets them.
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

// A folder of scenario files, removed at the end.
class CheckCli : public ::testing::Test {
 protected:
  CheckCli() {
    std::string pattern = testing::TempDir() + "check.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~CheckCli() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // Two contenders of `subject` that promise one_owner, and whatever `more` says.
  std::string scenario(const std::string& subject, const std::string& more = "") {
    const std::string file = folder_ + "/" + std::to_string(++files_) + ".toml";
    std::ofstream(file) << "title = \"t\"\nsubject = \"" << subject
                        << "\"\ncast = [\"run\", \"run\"]\ninvariants = [\"one_owner\"]\n"
                        << "[faults]\n"
                        << more;
    return file;
  }

  std::string folder_;
  int files_ = 0;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The words behind "replay    lockproof " on the screen.
std::vector<std::string> replay_words(const std::string& screen) {
  const std::string label = " replay    lockproof ";
  const std::size_t at = screen.find(label);
  if (at == std::string::npos) return {};
  std::istringstream line(
      screen.substr(at + label.size(), screen.find('\n', at) - at - label.size()));
  std::vector<std::string> words;
  for (std::string word; line >> word;) words.push_back(word);
  return words;
}

TEST_F(CheckCli, WhatHoldsIsSaidWithItsBounds) {
  const Outcome run = lockproof({"check", scenario("control/flock")});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(run.out.starts_with("HOLDS  ")) << run.out;
  EXPECT_TRUE(says(run.out, "2 processes, time-outs at any time")) << run.out;
  EXPECT_TRUE(says(run.out, " steps deep; ")) << run.out;
}

TEST_F(CheckCli, WhatIsViolatedIsATableOfStepsThatReplays) {
  const Outcome run = lockproof({"check", "canary/no_lock", "--kills", "0", "--processes", "2"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(run.out.starts_with("VIOLATED  at no time two owners")) << run.out;
  EXPECT_TRUE(says(run.out, "A pid 1001")) << run.out;
  const auto words = replay_words(run.out);
  ASSERT_EQ(words.size(), 6u) << run.out;
  EXPECT_EQ(words[1].substr(0, 18), "canary/no_lock@v1:");
  EXPECT_EQ(words[2] + words[3] + words[4] + words[5], "--processes2--kills0");
  const Outcome again = lockproof(words);
  EXPECT_EQ(again.status, 1) << again.out << again.err;
  const auto table = [](const std::string& out) {
    return out.substr(out.find("A pid 1001"), out.find("why") - out.find("A pid 1001"));
  };
  EXPECT_EQ(table(again.out), table(run.out));
  EXPECT_EQ(replay_words(again.out), words);
}

TEST_F(CheckCli, ExpectedComparesWithWhatTheScenarioSays) {
  const std::string good = scenario("control/flock");
  const std::string broken = scenario(
      "canary/no_lock", "[expect]\nverdict = \"violated\"\ninvariant = \"one_owner\"\nsteps = 2\n");
  const Outcome run = lockproof({"check", "--expected", good, broken});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 2) << run.out;
  EXPECT_TRUE(run.out.starts_with("ok      ")) << run.out;
  EXPECT_TRUE(says(run.out, "violated, ")) << run.out;
  EXPECT_TRUE(says(run.out, " states, 2 steps\n")) << run.out;
}

TEST_F(CheckCli, AndSaysWhatDiffers) {
  const std::string expect_violated = "[expect]\nverdict = \"violated\"\n";
  const std::pair<std::string, const char*> table[] = {
      {scenario("canary/no_lock"), ": expected holds"},
      {scenario("control/flock", expect_violated), ": expected violated"},
      {scenario("canary/no_lock", expect_violated + "steps = 3\n"), ": expected 3 steps, not 2"},
      {scenario("control/flock", "[expect]\nstates = 1\n"), ": expected 1 states, not "},
  };
  for (const auto& [file, message] : table) {
    const Outcome run = lockproof({"check", "--expected", file});
    EXPECT_EQ(run.status, 1) << run.out << run.err;
    EXPECT_TRUE(run.out.starts_with("FAILED  ")) << run.out;
    EXPECT_TRUE(says(run.out, message)) << message << "\n" << run.out;
  }
}

TEST_F(CheckCli, AMutantThatGetsAwayIsInconclusiveUnlessNobodyAsks) {
  const std::string file =
      scenario("control/flock", "[mutants]\n\"classic/flock\" = \"one_owner\"\n");
  const Outcome run = lockproof({"check", file});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "classic/flock was not caught")) << run.out;
  EXPECT_EQ(lockproof({"check", "--no-mutants", file}).status, 0);
}

TEST_F(CheckCli, ABudgetThatIsReachedSaysHowFarItGot) {
  const Outcome run =
      lockproof({"check", "classic/link", "--processes", "6", "--kills", "6", "--budget", "10ms"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "the time budget of 0.01 s was reached")) << run.out;
  EXPECT_TRUE(says(run.out, " states, ")) << run.out;
  EXPECT_FALSE(says(run.out, " steps deep; ")) << run.out;
}

TEST_F(CheckCli, SoDoesMemory) {
  const Outcome run =
      lockproof({"check", "classic/link", "--processes", "6", "--kills", "6", "--memory", "64M"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "the memory budget of 64 MiB was reached")) << run.out;
}

TEST_F(CheckCli, AnyStrategyFindsWhatIsBroken) {
  const std::string file = scenario("canary/no_lock");
  for (const char* const strategy : {"search", "dfs", "dpor", "optimal", "random", "urw", "pct"}) {
    const Outcome run = lockproof({"check", file, "--strategy", strategy});
    EXPECT_EQ(run.status, 1) << strategy << run.out << run.err;
  }
}

// The run that dpor comes to first is longer by a step.
TEST_F(CheckCli, WhoKeepsGoingFindsTheShortestRun) {
  const auto steps = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"check", "canary/watch_never", "--no-mutants"};
    words.insert(words.end(), more.begin(), more.end());
    const std::string out = lockproof(words).out;
    const std::size_t at = out.find(" run ");
    return at == out.npos ? out : out.substr(at, out.find("steps", at) - at);
  };
  const std::string shortest = steps({});
  EXPECT_NE(steps({"--strategy", "dpor"}), shortest);
  EXPECT_EQ(steps({"--strategy", "dpor", "--keep-going"}), shortest);
}

TEST_F(CheckCli, RunsThatWereDrawnShowNothingAndSayWhatTheyWere) {
  const Outcome run = lockproof({"check", scenario("control/flock"), "--strategy", "urw", "--seed",
                                 "7", "--executions", "50"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "50 runs that were drawn broke nothing; others might")) << run.out;
  EXPECT_TRUE(says(run.out, "; seed 7")) << run.out;
  EXPECT_TRUE(says(run.out, "50 executions, ")) << run.out;
}

TEST_F(CheckCli, TheStrategiesAreListed) {
  const Outcome run = lockproof({"list", "strategies"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 7) << run.out;
  EXPECT_TRUE(run.out.starts_with("search  ")) << run.out;
}

TEST_F(CheckCli, AReportIsWritten) {
  const Outcome run = lockproof({"check", "--report", "json=-", scenario("control/flock")});
  const auto json = nlohmann::json::parse(run.out.substr(run.out.find("\n{") + 1));
  EXPECT_EQ(json["results"][0]["verdict"], "holds");
  EXPECT_GT(json["results"][0]["counts"]["states"], 0);
}

struct BadWords {
  std::vector<std::string> words;
  const char* message;
};

TEST_F(CheckCli, BadWordsAreOneSentenceAndExit2) {
  const BadWords table[] = {
      {{"check"}, "expected scenarios, or one of"},
      {{"check", "canary/no_lok"}, "did you mean 'canary/no_lock'?"},
      {{"check", "canary/no_lock", "--processes", "9"}, "--processes 9: expected 1 to 8"},
      {{"check", "canary/no_lock", "--processes", "-1"}, "--processes -1: expected 1 to 8"},
      {{"check", "canary/no_lock", "--kills", "16"}, "--kills 16: expected 0 to 15"},
      {{"check", "canary/no_lock", "--kills", "-2"}, "--kills -2: expected 0 to 15"},
      {{"check", "canary/no_lock", "--time", "soon"}, "--time soon: expected any or ordered"},
      {{"check", "canary/no_lock", "--budget", "soon"}, "--budget soon: expected a duration"},
      {{"check", "canary/no_lock", "--budget", "0s"}, "--budget 0s: expected a duration"},
      {{"check", "canary/no_lock", "--memory", "4"}, "--memory 4: expected a size"},
      {{"check", "canary/no_lock", "--jobs", "65"}, "--jobs 65: expected 1 to 64"},
      {{"check", "canary/no_lock", "--jobs", "-1"}, "--jobs -1: expected 1 to 64"},
      {{"check", "canary/no_lock", "--memory", "63M"}, "--memory 63M: expected a size"},
      {{"check", "canary/no_lock", "--memory", "-1G"}, "--memory -1G: expected a size"},
      {{"check", "canary/no_lock", "--memory", "4GB"}, "--memory 4GB: expected a size"},
      {{"check", "canary/no_lock", "--report", "yaml=x"}, "yaml"},
      {{"check", "canary/no_lock", "--strategy", "dpo"}, "unknown; did you mean 'dpor'?"},
      {{"check", "canary/no_lock", "--strategy", "zzzzzz"},
       "unknown; known are search, dfs, dpor, optimal, random, urw, pct"},
      {{"check", "canary/no_lock", "--seed", "1"}, "--seed: means nothing to the strategy search"},
      {{"check", "canary/no_lock", "--keep-going"},
       "--keep-going: means nothing to the strategy search; expected one that makes runs"},
      {{"check", "canary/no_lock", "--strategy", "dfs", "--executions", "1"},
       "--executions: means nothing to the strategy dfs; expected random, urw or pct"},
      {{"check", "canary/no_lock", "--strategy", "pct", "--executions", "0"}, "at least 1"},
      {{"check", "canary/no_lock", "--strategy", "pct", "--executions", "-1"},
       "--executions -1: expected"},
      {{"check", "canary/no_lock", "--strategy", "pct", "--seed", "0"}, "--seed 0: expected"},
      {{"check", "canary/no_lock", "--strategy", "random", "--memory", "1G"},
       "--memory: means nothing to the strategy random"},
      {{"check", "canary/no_lock", "--strategy", "dfs", "--jobs", "2"},
       "--jobs: means nothing to the strategy dfs"},
      {{"check", "canary/no_lock", "--strategy", "dpor", "--expected"},
       "--expected: compares with a search"},
      {{"replay", "canary/no_lock@v1:AB~00000000", "--strategy", "dfs"}, "--strategy"},
      {{"check", "namespaces/solo", "--processes", "4"}, "expected at most 3"},
      {{"replay"}, "SCHEDULE is required"},
      {{"replay", "canary/no_lock@v1:AB~00000000"}, "check"},
      {{"replay", "canary/no_lock"}, "schedule"},
      {{"replay", "canary/no_lock@v1:AB~00000000", "--budget", "1s"}, "--budget"},
  };
  for (const BadWords& row : table) {
    const Outcome run = lockproof(row.words);
    EXPECT_EQ(run.status, 2) << row.message << "\n" << run.out << run.err;
    EXPECT_TRUE(says(run.err, row.message)) << row.message << "\n" << run.err;
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    EXPECT_EQ(run.out, "");
  }
}

}  // namespace
}  // namespace lockproof
