// SPDX-License-Identifier: Apache-2.0
// The live world by the command: what is confirmed, what is compared, and what remains of it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>

#include "cli/running.h"

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

// A hundred times each counterexample: make replay-live.
TEST(LiveCli, AScheduleIsTheSameRunEachTime) {
  for (const char* subject : {"genie/read_check_unlink_write", "canary/crashes"}) {
    const Outcome run = lockproof({"check", subject, "--world", "sim"});
    ASSERT_EQ(run.status, 1) << run.out << run.err;
    const Outcome first = lockproof({"replay", schedule_of(run), "--world", "live"});
    EXPECT_EQ(first.status, 1) << first.out << first.err;
    for (int round = 0; round < 5; ++round) {
      EXPECT_EQ(lockproof({"replay", schedule_of(run), "--world", "live"}).out, first.out);
    }
  }
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
  EXPECT_TRUE(says(run.out, "HOLDS  classic/o_excl (live, search)")) << run.out;
  EXPECT_TRUE(says(run.out, "each question asked of real processes")) << run.out;
  const Outcome named =
      lockproof({"check", "classic/o_excl", "--world", "live", "--strategy", "dpor"});
  EXPECT_TRUE(says(named.out, "HOLDS  classic/o_excl (live, dpor)")) << named.out;
}

TEST(LiveCli, TheDoctorSaysWhetherThereCanBeAny) {
  const Outcome run = lockproof({"doctor"});
  for (const char* needed : {"ptrace", "seccomp", "user ns", "pid ns", "mount ns", "pid control"}) {
    EXPECT_TRUE(says(run.out, "\n" + fmt::format("{:<12} yes\n", needed))) << needed << run.out;
  }
  EXPECT_TRUE(says(run.out, "\nvdso         ")) << run.out;
  EXPECT_TRUE(says(run.out, ": a search uses all")) << run.out;
  EXPECT_TRUE(
      says(run.out, "live         ptrace, seccomp, namespaces, pids and clocks as chosen: yes"))
      << run.out;
}

TEST(LiveCli, BadWordsAreOneSentenceAndExit2) {
  const std::pair<std::vector<std::string>, const char*> table[] = {
      {{"conform"}, "conform: expected scenarios, or one of --wrapper, --worker and --daemon"},
      {{"conform", "canary/no_lok"}, "did you mean 'canary/no_lock'?"},
      {{"conform", "canary/no_lock", "--runs", "0"}, "--runs 0: expected at least 1"},
      {{"check", "canary/no_lock", "--world", "moon"}, "--world moon: expected auto, sim or live"},
  };
  for (const auto& [words, message] : table) {
    const Outcome run = lockproof(words);
    EXPECT_EQ(run.status, 2) << message;
    EXPECT_TRUE(says(run.err, message)) << run.err;
  }
}

// To its nth system call from here on. False: it has ended before.
bool go_to_call(pid_t pid, int nth, int gate) {
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, PTRACE_O_TRACESYSGOOD) != 0) return false;
  ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr);
  if (::write(gate, "", 1) != 1) return false;
  int status = 0;
  for (int stops = 0; stops < 2 * nth; ++stops) {
    if (::waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
    const int signal = WSTOPSIG(status);
    const bool own = signal == (SIGTRAP | 0x80) || status >> 16 != 0;
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, own ? 0 : signal);
  }
  return ::waitpid(pid, &status, 0) == pid && WIFSTOPPED(status);
}

// Its processes are in namespaces whose init holds the pipe of the test.
TEST(LiveCli, NothingSurvivesAKill) {
  const Outcome found = lockproof({"check", "canary/no_lock", "--world", "live"});
  ASSERT_EQ(found.status, 1) << found.out << found.err;
  const auto kill_at = [](const std::vector<std::string>& words, int calls) {
    std::array<int, 2> gate{};
    ASSERT_EQ(::pipe2(gate.data(), O_CLOEXEC), 0);
    Running run(words, gate[0]);
    ASSERT_TRUE(go_to_call(run.pid(), calls, gate[1])) << words[0] << " at call " << calls;
    run.signal(SIGKILL);
    EXPECT_TRUE(run.all_gone(test::kPatienceMs)) << words[0] << " at call " << calls;
    for (const int end : gate) ::close(end);
  };
  for (const int calls : {1, 180, 200, 220, 240, 260, 400, 1000, 2000}) {
    kill_at({"check", "control/flock", "--world", "live"}, calls);
  }
  for (const int calls : {1, 155, 175, 195, 215, 235}) {
    kill_at({"replay", schedule_of(found), "--world", "live"}, calls);
  }
}

}  // namespace
}  // namespace lockproof
