// SPDX-License-Identifier: Apache-2.0
// Programs of somebody else, explored and replayed by the command.
#include <gtest/gtest.h>

#include "cli/running.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;
using test::Running;

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

const std::vector<std::string> kFlock = {"--wrapper", "flock -n {dir}/lock {critical}"};
// It closes its lock before it runs the command: who is killed then leaves an owner without one.
const std::vector<std::string> kFlockThatCloses = {"--wrapper",
                                                   "flock -n -o {dir}/lock {critical}"};

std::vector<std::string> words(std::vector<std::string> first,
                               const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

TEST(ProgramCli, RunsOfACommandAreDrawn) {
  const Outcome run =
      lockproof(words(words({"check"}, kFlock), {"--strategy", "random", "--executions", "20"}));
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "20 runs that were drawn broke nothing")) << run.out;
  EXPECT_TRUE(says(run.out, "2 processes and a late one")) << run.out;
}

TEST(ProgramCli, AWrongCommandIsCaughtAndItsRunReplayed) {
  const Outcome run = lockproof(
      words(words({"check", "--world", "live"}, kFlockThatCloses),
            {"--strategy", "random", "--executions", "3000", "--kills", "1", "--seed", "3"}));
  ASSERT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "at no time two owners")) << run.out;
  EXPECT_TRUE(says(run.out, "run       9 steps; none of them can be left out")) << run.out;
  const std::string before = "lockproof replay ";
  const std::size_t begin = run.out.find(before) + before.size();
  const std::string schedule = run.out.substr(begin, run.out.find(' ', begin) - begin);
  EXPECT_TRUE(
      says(run.out, schedule + " --world live --wrapper 'flock -n -o {dir}/lock {critical}'"))
      << run.out;
  const Outcome again =
      lockproof(words({"replay", schedule, "--world", "live", "--processes", "2", "--kills", "1"},
                      kFlockThatCloses));
  EXPECT_EQ(again.status, 1) << again.out << again.err;
  EXPECT_TRUE(says(again.out, "was told that it owns while")) << again.out;
  const Outcome other = lockproof(words({"replay", schedule, "--world", "live"},
                                        {"--wrapper", "setlock -n {dir}/lock {critical}"}));
  EXPECT_EQ(other.status, 2);
  EXPECT_TRUE(says(other.err, "the schedule is of wrapper/flock")) << other.err;
}

TEST(ProgramCli, BadWordsAreOneSentenceAndExit2) {
  const std::pair<std::vector<std::string>, const char*> table[] = {
      {{"check"}, "expected scenarios, or --wrapper COMMAND, or --worker COMMAND"},
      {words({"check", "canary/no_lock"}, kFlock), "expected scenarios, or --wrapper COMMAND"},
      {{"check", "--wrapper", "no_such_program {critical}"}, "no_such_program is not installed"},
      {{"check", "--wrapper", "flock {dir}/lock true"},
       "a wrapper must run {critical} exactly once"},
      {{"check", "--wrapper", "flock /mnt/a /srv/b /media/c {critical}"},
       "a run covers one of /mnt, /srv and /media"},
  };
  for (const auto& [line, message] : table) {
    const Outcome run = lockproof(line);
    EXPECT_EQ(run.status, 2) << message;
    EXPECT_TRUE(says(run.err, message)) << run.err;
  }
}

// Every run of three flock(1) and a late one, of which two are killed: the program as it is on
// disk.
TEST(ProgramCli, ARightCommandIsLearnedSearchedAndCompared) {
  const Outcome run =
      lockproof(words(words({"check"}, kFlock), {"--processes", "3", "--kills", "2"}));
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "HOLDS  wrapper/flock (sim, search)")) << run.out;
  EXPECT_TRUE(says(run.out, "3 processes and a late one, 2 kills")) << run.out;
  EXPECT_TRUE(says(run.out, "learned; 20 random runs")) << run.out;
}

TEST(ProgramCli, TheShortestRunOfAWrongCommandIsConfirmed) {
  const Outcome run = lockproof(words(words({"check"}, kFlockThatCloses), {"--kills", "1"}));
  ASSERT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "no run with fewer breaks a promise")) << run.out;
  EXPECT_TRUE(says(run.out, "confirmed on Linux")) << run.out;
  const std::string before = "lockproof replay ";
  const std::size_t begin = run.out.find(before) + before.size();
  const std::string schedule = run.out.substr(begin, run.out.find(' ', begin) - begin);
  const Outcome again =
      lockproof(words({"replay", schedule, "--processes", "2", "--kills", "1"}, kFlockThatCloses));
  EXPECT_EQ(again.status, 1) << again.out << again.err;
}

// It polls, and remembers how often: there is no end of it. The budget ends it, for all that.
const std::vector<std::string> kCounts = {
    "--worker",
    "/usr/bin/perl -e '$n = 0; while (!mkdir \"{dir}/lock\") { $n++ } "
    "syswrite STDOUT, \"acquired\\n\"; sysread STDIN, $x, 1'"};

TEST(ProgramCli, TheBudgetEndsTheLearningAndSaysWhatIsKnown) {
  const Outcome run = lockproof(words(words({"check"}, kCounts),
                                      {"--processes", "3", "--budget", "300ms", "--world", "sim"}));
  EXPECT_EQ(run.status, 3) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "INCONCLUSIVE")) << run.out;
  EXPECT_TRUE(says(run.out, "the program is not learned within")) << run.out;
}

// There is no end of it: only the interruption ends it.
TEST(ProgramCli, AnInterruptionEndsTheLearning) {
  Running run(words(words({"check"}, kCounts), {"--processes", "3", "--world", "sim"}));
  ASSERT_TRUE(run.says("learning, "));
  run.signal(SIGINT);
  const Outcome outcome = run.wait();
  EXPECT_EQ(outcome.status, 3) << outcome.out << outcome.err;
  EXPECT_TRUE(says(outcome.out, "interrupted")) << outcome.out;
}

TEST(ProgramCli, ManyOfWhatCannotBeLearnedAreSkipped) {
  const Outcome run =
      lockproof({"check", "--processes", "3", "--wrapper", "mkfifo {dir}/lock {critical}"});
  EXPECT_EQ(run.status, 77) << run.out;
  EXPECT_TRUE(says(run.out, "not learned: the program makes the call mknodat")) << run.out;
}

}  // namespace
}  // namespace lockproof
