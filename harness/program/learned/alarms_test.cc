// SPDX-License-Identifier: Apache-2.0
// Programs that want SIGALRM after a time: what they ask, and what they are told.
#include <gtest/gtest.h>

#include <algorithm>

#include "learned/learned.h"

namespace lockproof {
namespace {

constexpr const char* kOwner = LOCKPROOF_BIN "/lockproof-owner";

class Alarmed : public testing::Test {
 protected:
  void start(std::vector<std::string> words) {
    Command command;
    command.argv = std::move(words);
    command.directory = "/srv";
    auto started = LearnedProgram::start(command, texts_, {});
    ASSERT_TRUE(started.ok()) << started.error().sentence;
    program_ = std::move(*started);
  }
  void python(const std::string& code) {
    start({"/usr/bin/python3", "-c",
           "import os, signal, time\nos.access('/srv/begins', 0)\n" + code});
  }
  // Its calls by these answers, each to the next `answer` that asks for one of `ops`; all others
  // are done with 0.
  Node after(std::vector<std::string_view> answers, const std::vector<Op>& ops) {
    Node node = 0;
    std::size_t at = 0;
    for (int i = 0; i < 200; ++i) {
      const Op op = program_->call(node).op;
      const bool asked = std::find(ops.begin(), ops.end(), op) != ops.end();
      if (op == Op::kExit || (asked && at == answers.size())) return node;
      const auto next = program_->next(
          node, asked ? *parse_answer(answers[at++], texts_) : done(op == Op::kGetpid ? 1001 : 0));
      if (!next.ok()) {
        why_ = next.error().sentence;
        return node;
      }
      node = *next;
    }
    return node;
  }
  std::string call_at(Node node) { return format(program_->call(node), texts_); }

  Texts texts_;
  std::unique_ptr<LearnedProgram> program_;
  std::string why_;
};

// util-linux flock asks for a timer, and looks whether a timer has sent the signal.
TEST_F(Alarmed, WhoWaitsForATimeIsToldThatItIsOver) {
  start({"flock", "-w", "5", "/srv/lock", kOwner});
  const std::vector<Op> ops = {Op::kOpenat, Op::kAlarm, Op::kFlock};
  EXPECT_EQ(call_at(after({"3"}, ops)), "alarm 5000000000");
  EXPECT_EQ(call_at(after({"3", "0"}, ops)), "flock 3 LOCK_EX");
  EXPECT_EQ(call_at(after({"3", "0", "EINTR caught=64"}, ops)), "exit 1");
  EXPECT_EQ(call_at(after({"3", "0", "0"}, ops)), "alarm 0");
}

TEST_F(Alarmed, AnAlarmSaysTheSecondsThatWereLeft) {
  python("signal.alarm(9)\nos._exit(signal.alarm(0))");
  const auto left = [&](std::string_view second) {
    return call_at(after({"0", second}, {Op::kAlarm}));
  };
  EXPECT_EQ(left("0 value=9000000000"), "exit 9");
  EXPECT_EQ(left("0 value=7500000000"), "exit 8");
  EXPECT_EQ(left("0 value=7400000000"), "exit 7");
  EXPECT_EQ(left("0 value=1"), "exit 1") << "none would mean that there was none";
  EXPECT_EQ(left("0"), "exit 0");
}

TEST_F(Alarmed, AnIntervalTimerIsAnAlarm) {
  python(
      "signal.setitimer(signal.ITIMER_REAL, 2.5)\n"
      "left = signal.setitimer(signal.ITIMER_REAL, 0)[0]\n"
      "os._exit(int(left * 10))");
  EXPECT_EQ(call_at(after({}, {Op::kAlarm})), "alarm 2500000000");
  EXPECT_EQ(call_at(after({"0", "0 value=1200000000"}, {Op::kAlarm})), "exit 12");
}

TEST_F(Alarmed, TimersOfOtherKindsAreNotKnown) {
  python("signal.setitimer(signal.ITIMER_PROF, 1)\nos.access('/srv/lock', 0)");
  after({"0", "0"}, {Op::kAccess});
  EXPECT_NE(why_.find("sets a timer of processor time"), std::string::npos) << why_;
}

}  // namespace
}  // namespace lockproof
