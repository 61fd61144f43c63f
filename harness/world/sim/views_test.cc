// SPDX-License-Identifier: Apache-2.0
#include "sim/views.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace lockproof::sim {
namespace {

class ViewsTest : public ::testing::Test {
 protected:
  // The call as the kernel gets it; "refused".
  std::string out(std::string_view line) {
    auto call = parse_call(line, texts);
    EXPECT_TRUE(call.ok()) << line;
    return outward(*call, view, naming) ? format(*call, texts) : "refused";
  }
  std::string in(Op op, std::string_view line) {
    auto answer = parse_answer(line, texts);
    EXPECT_TRUE(answer.ok()) << line;
    return inward(op, *answer, view, naming) ? format(*answer, texts) : "refused";
  }

  Texts texts;
  Naming naming{texts};
  View view{{7, 3}, 2};  // itself is 1007, and it has met 1003
};

TEST_F(ViewsTest, ACallLeavesWithTheKernelsPids) {
  EXPECT_EQ(out("kill 1002 9"), "kill 1003 9");
  EXPECT_EQ(out("waitpid 1001 0"), "waitpid 1007 0");
  EXPECT_EQ(out("pidfd_open 1002"), "pidfd_open 1003");
  EXPECT_EQ(out("write 3 \"1001:x\""), "write 3 \"1007:x\"");
  EXPECT_EQ(out("rename cwd \"tmp.1001\" cwd \"by.1002\""),
            "rename cwd \"tmp.1007\" cwd \"by.1003\"");
}

TEST_F(ViewsTest, AnAnswerArrivesWithTheProcesssOwn) {
  EXPECT_EQ(in(Op::kGetpid, "1007"), "1001");
  for (const Op op : {Op::kGetppid, Op::kFork, Op::kWaitpid, Op::kSetsid}) {
    EXPECT_EQ(in(op, "1003"), "1002") << name(op);
  }
  EXPECT_EQ(in(Op::kFcntlLock, "0 value=1003"), "0 value=1002");
  EXPECT_EQ(in(Op::kRead, "4 \"1003\""), "4 \"1002\"");
}

TEST_F(ViewsTest, WhomItMeetsItKnowsFromThenOnByTheNextNumber) {
  EXPECT_EQ(in(Op::kRead, "9 \"1040 1003\""), "9 \"1003 1002\"");
  ASSERT_EQ(view.count, 3);
  EXPECT_EQ(view.pids[2], 40);
  EXPECT_EQ(in(Op::kFork, "1041"), "1004");
  EXPECT_EQ(in(Op::kGetppid, "1040"), "1003") << "met before";
  EXPECT_EQ(view.count, 4);
}

TEST_F(ViewsTest, WhomItHasReapedItForgetsAndTheNextOneGetsTheName) {
  EXPECT_EQ(in(Op::kFork, "1040"), "1003");
  forget_reaped(Op::kWaitpid, done(1002), view);
  EXPECT_EQ(out("kill 1002 9"), "refused");
  EXPECT_EQ(out("kill 1003 9"), "kill 1040 9") << "the others keep theirs";
  EXPECT_EQ(in(Op::kFork, "1041"), "1002");
  EXPECT_EQ(in(Op::kRead, "4 \"1003\""), "4 \"1004\"") << "who is met again is met anew";
}

TEST_F(ViewsTest, OnlyWhoWasReapedIsForgotten) {
  const View before = view;
  forget_reaped(Op::kFork, done(1002), view);
  forget_reaped(Op::kWaitpid, done(0), view);
  forget_reaped(Op::kWaitpid, fail(ECHILD), view);
  EXPECT_EQ(view.pids, before.pids);
  EXPECT_EQ(view.count, before.count);
  forget_reaped(Op::kWaitpid, done(1002), view);
  EXPECT_EQ(view.count, 1) << "as if it had never met it";
}

TEST_F(ViewsTest, OutwardAndInwardAreInverse) {
  view = {{9, 250, 1, 30, 2, 8, 100}, 7};
  for (const std::uint8_t pid : view.pids) {
    const std::string kernels = std::to_string(kPidBase + pid);
    const std::string own = in(Op::kGetppid, kernels);
    EXPECT_EQ(out("kill " + own + " 15"), "kill " + kernels + " 15");
    const std::string read = in(Op::kRead, "4 \"" + kernels + "\"");
    EXPECT_EQ(out("write 3 " + read.substr(2)), "write 3 \"" + kernels + "\"");
  }
  EXPECT_EQ(view.count, 7);
}

TEST_F(ViewsTest, AnEighthPidIsRefused) {
  view = {{1, 2, 3, 4, 5, 6, 7}, 7};
  EXPECT_EQ(in(Op::kGetppid, "1007"), "1007");
  EXPECT_EQ(in(Op::kGetppid, "1008"), "refused");
  EXPECT_EQ(in(Op::kRead, "4 \"1008\""), "refused");
}

TEST_F(ViewsTest, APidThatItWasNeverToldIsRefused) {
  EXPECT_EQ(out("kill 1003 0"), "refused");
  EXPECT_EQ(out("open cwd \"/proc/1003/stat\" O_RDONLY 0"), "refused");
  EXPECT_EQ(out("rename cwd \"a\" cwd \"1099\""), "refused");
}

TEST_F(ViewsTest, ANegativePidIsAGroups) {
  EXPECT_EQ(out("kill -1002 15"), "kill -1003 15");
  EXPECT_EQ(out("waitpid -1001 0"), "waitpid -1007 0");
  EXPECT_EQ(out("kill -1003 15"), "refused");
}

TEST_F(ViewsTest, WhatIsNoPidStaysAsItIs) {
  for (std::string_view line : {"waitpid -1 0", "waitpid 0 0", "kill 1 0", "kill 1000 0",
                                "kill 1256 0", "ftruncate 3 1002", "write 3 \"10021 100\""}) {
    EXPECT_EQ(out(line), line);
  }
  EXPECT_EQ(in(Op::kRead, "1007 \"x\""), "1007 \"x\"") << "a number of bytes";
  EXPECT_EQ(in(Op::kGetppid, "1"), "1");
  EXPECT_EQ(in(Op::kWaitpid, "ECHILD"), "ECHILD");
  EXPECT_EQ(view.count, 2);
}

}  // namespace
}  // namespace lockproof::sim
