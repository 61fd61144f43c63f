// SPDX-License-Identifier: Apache-2.0
// The live world by the command: what is confirmed, what is compared, and what remains of it.
#include <gtest/gtest.h>

#include "cli/running.h"
#include "core/random.h"

namespace lockproof {
namespace {

using test::lockproof;
using test::Outcome;
using test::Running;

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

std::string schedule_of(const Outcome& run) {
  const std::string before = "lockproof replay ";
  const std::size_t begin = run.out.find(before) + before.size();
  return run.out.substr(begin, run.out.find_first_of(" \n", begin) - begin);
}

TEST(LiveCli, ACheckSaysThatLinuxAgrees) {
  const Outcome run = lockproof({"check", "genie/read_check_unlink_write"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "confirmed on Linux: real processes made these 10 steps")) << run.out;
  const Outcome unasked = lockproof({"check", "genie/read_check_unlink_write", "--world", "sim"});
  EXPECT_EQ(unasked.status, 1);
  EXPECT_FALSE(says(unasked.out, "Linux")) << unasked.out;
}

TEST(LiveCli, AScheduleIsReplayedWithRealProcesses) {
  const Outcome run = lockproof({"check", "classic/o_excl_steal", "--world", "sim"});
  ASSERT_EQ(run.status, 1) << run.out << run.err;
  const Outcome again = lockproof({"replay", schedule_of(run), "--world", "live"});
  EXPECT_EQ(again.status, 1) << again.out << again.err;
  EXPECT_TRUE(says(again.out, "live")) << again.out;
  EXPECT_TRUE(says(again.out, "confirmed on Linux")) << again.out;
}

TEST(LiveCli, WhatBreaksInAPidNamespaceIsConfirmedThere) {
  const Outcome run = lockproof({"check", "namespaces/itself"});
  EXPECT_EQ(run.status, 1) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "confirmed on Linux: real processes made these 12 steps")) << run.out;
}

TEST(LiveCli, RandomRunsAreCompared) {
  const Outcome run =
      lockproof({"conform", "control/solo", "classic/flock", "--runs", "5", "--seed", "7"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "same    control/solo  5 runs the same, ")) << run.out;
  EXPECT_TRUE(says(run.out, "\n10 runs the same on Linux, ")) << run.out;
}

TEST(LiveCli, RealProcessesAreExplored) {
  const Outcome run = lockproof({"check", "classic/o_excl", "--world", "live"});
  EXPECT_EQ(run.status, 0) << run.out << run.err;
  EXPECT_TRUE(says(run.out, "HOLDS  classic/o_excl (live, dpor)")) << run.out;
}

TEST(LiveCli, TheDoctorSaysWhetherThereCanBeAny) {
  const Outcome run = lockproof({"doctor"});
  EXPECT_TRUE(
      says(run.out, "live         ptrace, seccomp, namespaces, pids and clocks as chosen: yes"))
      << run.out;
}

TEST(LiveCli, BadWordsAreOneSentenceAndExit2) {
  const std::pair<std::vector<std::string>, const char*> table[] = {
      {{"conform"}, "SCENARIO is required"},
      {{"conform", "canary/no_lok"}, "did you mean 'canary/no_lock'?"},
      {{"conform", "canary/no_lock", "--runs", "0"}, "--runs 0: expected at least 1"},
      {{"check", "canary/no_lock", "--world", "live", "--strategy", "search"},
       "--world live: a search keeps states"},
      {{"check", "canary/no_lock", "--world", "moon"}, "--world moon: expected auto, sim or live"},
  };
  for (const auto& [words, message] : table) {
    const Outcome run = lockproof(words);
    EXPECT_EQ(run.status, 2) << message;
    EXPECT_TRUE(says(run.err, message)) << run.err;
  }
}

// Its processes are in namespaces whose init holds the pipe of the test.
TEST(LiveCli, NothingSurvivesAKill) {
  Random random(11);
  for (int i = 0; i < 10; ++i) {
    Running run({"conform", "control/solo", "--runs", "1000000"});
    for (std::uint32_t spin = random.below(2'000'000); spin > 0; --spin) {
      asm volatile("");
    }
    run.signal(SIGKILL);
    EXPECT_TRUE(run.all_gone(test::kPatienceMs));
  }
}

}  // namespace
}  // namespace lockproof
