// SPDX-License-Identifier: Apache-2.0
// alarm(2): rules of time.cc. There is no comparison with Linux in linux_test.cc: that would wait.
#include <csignal>

#include "sim/machine.h"
#include "sim/signals.h"

namespace lockproof::sim {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr const char* kCaught = "EINTR caught=64";

class Alarms : public ::testing::Test {
 protected:
  void SetUp() override {
    m(other, R"(open cwd "lock" O_RDWR|O_CREAT 0600)");
    m(other, "flock 3 LOCK_EX");
    m(a, R"(open cwd "lock" O_RDWR 0)");
  }
  std::string wait_for(int seconds) {
    advance_clock(m.kernel, m.kernel.now_ns + seconds * kSecond);
    return m(a, "flock 3 LOCK_EX");
  }
  Machine m;
  std::uint8_t a = m.start();
  std::uint8_t other = m.start();
};

TEST_F(Alarms, EndAWaitWhenTheirTimeHasCome) {
  m(a, "sigaction 14 handled");
  EXPECT_EQ(m(a, "alarm 5000000000"), "0");
  EXPECT_EQ(m(a, "flock 3 LOCK_EX"), "waits");
  EXPECT_EQ(next_wake_ns(m.kernel), 5 * kSecond);
  EXPECT_EQ(wait_for(4), "waits");
  EXPECT_EQ(wait_for(1), kCaught);
  EXPECT_EQ(next_wake_ns(m.kernel), 0);
  EXPECT_EQ(m(a, "flock 3 LOCK_EX"), "waits") << "once";
}

TEST_F(Alarms, EndNoCallThatDoesNotWait) {
  m(a, "sigaction 14 handled");
  m(a, "alarm 1000000000");
  m(other, "flock 3 LOCK_UN");
  EXPECT_EQ(wait_for(2), "0");
}

TEST_F(Alarms, MakeACallAgainThatIsRestarted) {
  m(a, "sigaction 14 restarted");
  m(a, "alarm 1000000000");
  EXPECT_EQ(m(a, "flock 3 LOCK_EX"), "waits");
  EXPECT_EQ(wait_for(1), "ERESTARTSYS caught=64");
}

TEST_F(Alarms, SayWhatWasLeftOfTheOneBefore) {
  EXPECT_EQ(m(a, "alarm 5000000000"), "0");
  advance_clock(m.kernel, 2 * kSecond);
  EXPECT_EQ(m(a, "alarm 9000000000"), "0 value=3000000000");
  EXPECT_EQ(m(a, "alarm 0"), "0 value=9000000000");
  EXPECT_EQ(m(a, "alarm 0"), "0");
  EXPECT_EQ(m(a, "flock 3 LOCK_EX"), "waits");
  EXPECT_EQ(next_wake_ns(m.kernel), 0);
  EXPECT_EQ(m(a, "alarm -1"), "EINVAL");
}

TEST_F(Alarms, AreNotTheChilds) {
  m(a, "sigaction 14 handled");
  m(a, "alarm 1000000000");
  const std::uint8_t child = m.fork(a);
  EXPECT_EQ(m(child, "flock 3 LOCK_EX"), "waits");
  EXPECT_EQ(next_wake_ns(m.kernel), 0);
  m(a, R"(exec "true")");
  EXPECT_EQ(m(a, "flock 3 LOCK_EX"), "refused alarm") << "kept, but nobody handles it";
}

TEST_F(Alarms, AreFollowedOnceButForAChild) {
  const std::uint8_t child = m.fork(a);
  m(a, "sigaction 14 handled");
  for (const char* const expected : {kCaught, "waits"}) {
    m(a, "alarm 1000000000");
    m(a, "waitpid -1 0");
    advance_clock(m.kernel, m.kernel.now_ns + kSecond);
    EXPECT_EQ(m(a, "waitpid -1 0"), expected);
  }
  EXPECT_EQ(m(a, "flock 3 LOCK_EX"), "refused alarm");
  m(child, "exit 0");
  m.die_completely(child);
  EXPECT_EQ(m(a, "waitpid -1 0"), "1003");
}

TEST_F(Alarms, OfWhoSleepsAreRefusedWhereTheyEndTheSleep) {
  m(a, "sigaction 14 handled");
  m(a, "alarm 2000000000");
  EXPECT_EQ(m(a, "sleep 1000000000"), "waits");
  EXPECT_EQ(next_wake_ns(m.kernel), kSecond);
  advance_clock(m.kernel, kSecond);
  EXPECT_EQ(m(a, "sleep 1000000000"), "0");
  EXPECT_EQ(m(a, "sleep 2000000000"), "refused alarm");
}

}  // namespace
}  // namespace lockproof::sim
