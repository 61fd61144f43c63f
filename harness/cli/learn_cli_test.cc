// SPDX-License-Identifier: Apache-2.0
// Programs of somebody else, learned for their own sake: saved, and compared with what was saved.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;
using test::Running;

const std::string kFlock = "flock -n {dir}/lock {critical}";

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

// A worker in perl, whose lock is a directory.
std::string worker(const std::string& claim, const std::string& give_up) {
  return "/usr/bin/perl -e '" + claim +
         "; syswrite STDOUT, \"acquired\\n\"; sysread STDIN, $x, 1; " + give_up +
         "; syswrite STDOUT, \"released\\n\"'";
}

class LearnCli : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "lockproof-learn-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    tree_ = folder_ / "saved.tree";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text) const { std::ofstream(tree_) << text; }
  std::string saved() const {
    std::stringstream text;
    text << std::ifstream(tree_).rdbuf();
    return text.str();
  }
  Outcome save(const std::string& form, const std::string& command) const {
    return lockproof({"learn", form, command, "--save", tree_});
  }
  Outcome against(const std::string& form, const std::string& command) const {
    return lockproof({"learn", form, command, "--against", tree_});
  }

  std::filesystem::path folder_;
  std::string tree_;
};

TEST_F(LearnCli, TheTreeIsSavedOrPrinted) {
  const Outcome run = save("--wrapper", kFlock);
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "saved.tree: 8 places, 7 answers; 2 processes and a late one, 1 kill"))
      << run.out;
  const Outcome printed = lockproof({"learn", "--wrapper", kFlock});
  EXPECT_EQ(printed.status, 0) << printed.err;
  EXPECT_EQ(printed.out, saved());
  EXPECT_TRUE(printed.out.starts_with("tree 1\n0 claim\n  open cwd \"lock\" O_RDONLY|O_CREAT"))
      << printed.out;
  const Outcome same = against("--wrapper", kFlock);
  EXPECT_EQ(same.status, 0) << same.out << same.err;
  EXPECT_EQ(same.out, "same    wrapper/flock  as in " + tree_ + ", 7 answers compared\n");
}

TEST_F(LearnCli, ACallThatChangedIsShown) {
  const auto script = [](const std::string& opens) {
    return "dash -c 'exec 9" + opens +
           "\"$0\"; flock -n 9 || exit 1; \"$1\"' {dir}/lock {critical}";
  };
  ASSERT_EQ(save("--wrapper", script(">")).status, 0);
  EXPECT_EQ(against("--wrapper", script(">")).status, 0);
  const Outcome run = against("--wrapper", script(">>"));
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(
      says(run.out, "DIFFERS wrapper/dash  a call is not as in " + tree_ + ", 3 of 19 answers"))
      << run.out;
  EXPECT_TRUE(says(run.out,
                   "\n\n  claim; getpid -> 1001\n"
                   "  sigaction 17 handled -> 0\n"
                   "  getppid -> 1\n"
                   "- open cwd \"lock\" O_WRONLY|O_CREAT|O_TRUNC 0666\n"
                   "+ open cwd \"lock\" O_WRONLY|O_CREAT|O_APPEND 0666\n"))
      << run.out;
}

TEST_F(LearnCli, ACallThatWasPutInIsShown) {
  const std::string claim = "mkdir \"{dir}/lock\" or exit 1";
  ASSERT_EQ(save("--worker", worker(claim, "rmdir \"{dir}/lock\"")).status, 0);
  const Outcome run =
      against("--worker", worker(claim, "rmdir \"{dir}/more\"; rmdir \"{dir}/lock\""));
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out,
                   "- gives_up; unlink cwd \"lock\" AT_REMOVEDIR\n"
                   "+ gives_up; unlink cwd \"more\" AT_REMOVEDIR\n"))
      << run.out;
}

// The tree is a graph with a round.
TEST_F(LearnCli, WhoPollsForEverIsCompared) {
  const std::string polls = worker("select undef, undef, undef, 0.01 while !mkdir \"{dir}/lock\"",
                                   "rmdir \"{dir}/lock\"");
  ASSERT_EQ(save("--worker", polls).status, 0);
  const Outcome run = against("--worker", polls);
  EXPECT_EQ(run.status, 0) << run.out << run.err;
}

// It owns although another one does; what comes later is asked for all that.
TEST_F(LearnCli, TheTreeIsWholeWhateverIsBroken) {
  const std::string unlocked = worker("mkdir \"{dir}/x\"", "rmdir \"{dir}/x\"");
  ASSERT_EQ(save("--worker", unlocked).status, 0);
  EXPECT_TRUE(says(saved(), "  unlink cwd \"x\" AT_REMOVEDIR\n  -> 0 : ")) << saved();
  EXPECT_TRUE(says(saved(), " released\n  exit 0\n")) << saved();
}

TEST_F(LearnCli, WhatIsNoTreeIsSaidWithItsLine) {
  const std::pair<std::string, const char*> table[] = {
      {"", ":1: expected 'tree 1', found 'the end'"},
      {"tree 1\n0\n  getpid\n  -> many : 1\n", ":4: expected an answer"},
  };
  for (const auto& [text, message] : table) {
    write(text);
    const Outcome run = against("--wrapper", kFlock);
    EXPECT_EQ(run.status, 2) << run.out;
    EXPECT_TRUE(says(run.err, tree_ + message)) << run.err;
    EXPECT_EQ(run.out, "");
  }
  std::filesystem::remove(tree_);
  const Outcome none = against("--wrapper", kFlock);
  EXPECT_EQ(none.status, 2);
  EXPECT_TRUE(says(none.err, tree_ + ": No such file")) << none.err;
  ASSERT_EQ(::mkfifo(tree_.c_str(), 0600), 0);
  EXPECT_TRUE(says(against("--wrapper", kFlock).err, tree_ + ": not a regular file"));
}

TEST_F(LearnCli, WhatCannotBeLearnedIsSaidAndNothingIsSaved) {
  write("as it was");
  const Outcome run = save("--wrapper", "mkfifo {dir}/lock {critical}");
  EXPECT_EQ(run.status, 3) << run.out;
  EXPECT_TRUE(says(run.err, "wrapper/mkfifo: not learned: the program makes the call mknodat"))
      << run.err;
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(saved(), "as it was");
}

// What was found before the program could not be followed is found.
TEST_F(LearnCli, ADifferenceStandsThoughTheRestIsNotLearned) {
  const auto claim = [](int status) {
    return "mkdir \"{dir}/lock\" or exit " + std::to_string(status);
  };
  ASSERT_EQ(save("--worker", worker(claim(1), "rmdir \"{dir}/lock\"")).status, 0);
  const std::string special = "use POSIX; POSIX::mkfifo(\"{dir}/lock\", 0600)";
  const Outcome run = against("--worker", worker(claim(2), special));
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "exit 1\n+ ")) << run.out;
  EXPECT_TRUE(says(run.out, "not complete: the program makes the call mknod")) << run.out;
  const Outcome only = against("--worker", worker(claim(1), special));
  EXPECT_EQ(only.status, 3) << only.out << only.err;
}

// There is no end of it.
const std::string kCounts = worker("$n++ while !mkdir \"{dir}/lock\"", "1");

TEST_F(LearnCli, TheBudgetEndsIt) {
  const Outcome run =
      lockproof({"learn", "--worker", kCounts, "--save", tree_, "--budget", "300ms"});
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.err, "worker/perl: not learned: ")) << run.err;
  EXPECT_FALSE(std::filesystem::exists(tree_));
}

// It asks the same in each round, and is never again where it was.
TEST_F(LearnCli, AnInterruptionEndsAComparison) {
  ASSERT_EQ(save("--worker", worker("1 while !mkdir \"{dir}/lock\"", "1")).status, 0);
  Running run({"learn", "--worker", kCounts, "--against", tree_});
  ASSERT_TRUE(run.says("learning, "));
  run.signal(SIGINT);
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 3) << outcome.out << outcome.err;
  EXPECT_TRUE(says(outcome.err, "worker/perl: not learned: interrupted")) << outcome.err;
}

TEST_F(LearnCli, AnInterruptionEndsIt) {
  Running run({"learn", "--worker", kCounts, "--save", tree_});
  ASSERT_TRUE(run.says("learning, "));
  run.signal(SIGINT);
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 3) << outcome.out << outcome.err;
  EXPECT_TRUE(says(outcome.err, "not learned: interrupted")) << outcome.err;
  EXPECT_FALSE(std::filesystem::exists(tree_));
}

TEST_F(LearnCli, OtherWordsAreRefused) {
  const Outcome missing = lockproof({"learn", "--wrapper", "no_such_program {critical}"});
  EXPECT_EQ(missing.status, 77) << missing.err;
  EXPECT_TRUE(says(missing.out, "no_such_program is not installed")) << missing.out;
  const std::pair<std::vector<std::string>, const char*> table[] = {
      {{"learn"}, "learn: expected scenarios, or one of --wrapper, --worker and --daemon"},
      {{"learn", "control/solo"}, "the subject of control/solo is built in; expected a program"},
      {{"learn", "programs"}, "learn: expected one scenario, found "},
      {{"learn", "--wrapper", kFlock, "--save", "a", "--against", "b"},
       "--save excludes --against"},
      {{"learn", "--wrapper", kFlock, "--against", "b", "--kills", "1"}, "excludes --kills"},
  };
  for (const auto& [line, message] : table) {
    const Outcome run = lockproof(line);
    EXPECT_EQ(run.status, 2) << message;
    EXPECT_TRUE(says(run.err, message)) << run.err;
  }
}

}  // namespace
}  // namespace lockproof
