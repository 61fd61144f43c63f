// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "sim/machine.h"
#include "sim/signals.h"

namespace lockproof::sim {
namespace {

class Processes : public ::testing::Test {
 protected:
  Machine m;
  std::uint8_t a = m.start();
  std::uint8_t child = m.fork(a);
};

TEST_F(Processes, AZombieAnswersASignalUntilItIsReaped) {
  EXPECT_EQ(m(a, "pidfd_open 1002"), "3");
  EXPECT_FALSE(m.can(a, "waitpid 1002 0"));
  m(child, "exit 3");
  m.die_completely(child);
  EXPECT_EQ(m.life(child), Life::kZombie);
  EXPECT_EQ(m(a, "kill 1002 0"), "0");
  EXPECT_EQ(m(a, "pidfd_send_signal 3 0"), "0");
  EXPECT_EQ(m(a, "poll 3 -1 -1 -1"), "1 value=1");
  EXPECT_EQ(m(a, "waitpid 1002 0"), "1002 value=768");
  EXPECT_EQ(m(a, "kill 1002 0"), "ESRCH");
  EXPECT_EQ(m(a, "pidfd_send_signal 3 0"), "ESRCH");
  EXPECT_EQ(m(a, "waitpid -1 0"), "ECHILD");
}

TEST_F(Processes, DeathHasStepsAndTheParentWaitsForTheLast) {
  m(a, "kill 1002 9");
  EXPECT_EQ(m.life(child), Life::kDying);
  EXPECT_EQ(m(child, "getpid"), "refused not_running");
  EXPECT_EQ(m(a, "waitpid -1 WNOHANG"), "0");
  advance_death(m.kernel, child);
  EXPECT_FALSE(m.can(a, "waitpid -1 0"));
  advance_death(m.kernel, child);
  EXPECT_FALSE(can_advance_death(m.kernel, child)) << "a parent that lives reaps";
  EXPECT_EQ(m(a, "waitpid -1 0"), "1002 value=9");
}

TEST_F(Processes, OrphansGoToInitWhichReapsThem) {
  m(child, "set_parent_death_signal 15");
  const std::uint8_t grandchild = m.fork(child);
  m(a, "exit 0");
  m.die_completely(a);
  EXPECT_EQ(m.life(a), Life::kAbsent);
  EXPECT_EQ(m.life(child), Life::kDying) << "it asked for SIGTERM";
  EXPECT_EQ(m(grandchild, "getppid"), "1002");
  m.die_completely(child);
  EXPECT_EQ(m(grandchild, "getppid"), "1");
  EXPECT_EQ(m(grandchild, "kill 1002 0"), "ESRCH");
}

TEST_F(Processes, APidIsReusedOnlyWhenAFaultSaysSo) {
  EXPECT_FALSE(reuse_pid(m.kernel, 1002)) << "it lives";
  m(child, "exit 0");
  m.die_completely(child);
  EXPECT_FALSE(reuse_pid(m.kernel, 1002)) << "a zombie keeps its pid";
  m(a, "pidfd_open 1002");
  m(a, "waitpid 1002 0");
  EXPECT_TRUE(reuse_pid(m.kernel, 1002));
  EXPECT_EQ(m(a, "fork"), "1002");
  EXPECT_EQ(m(a, "kill 1002 0"), "0") << "a stranger answers";
  EXPECT_EQ(m(a, "pidfd_send_signal 3 0"), "ESRCH") << "but not to the descriptor of the dead";
  EXPECT_EQ(m(a, "fork"), "1003");
}

TEST_F(Processes, AStoppedProcessTakesSignalsWhenItGoesOn) {
  m(a, "kill 1002 19");
  m(a, "kill 1002 15");
  EXPECT_EQ(m.life(child), Life::kStopped);
  EXPECT_FALSE(m.can(child, "getpid"));
  m(a, "kill 1002 18");
  EXPECT_EQ(m.life(child), Life::kDying);
}

TEST_F(Processes, AHandlerInterruptsACallThatWaits) {
  m(a, "sigaction 10 handled");
  EXPECT_FALSE(m.can(a, "waitpid -1 0"));
  m(child, "kill 1001 10");
  EXPECT_TRUE(m.can(a, "waitpid -1 0"));
  EXPECT_EQ(m(a, "waitpid -1 0"), "EINTR caught=" + std::to_string(signal_bit(SIGUSR1)));
  EXPECT_FALSE(m.can(a, "waitpid -1 0"));
}

TEST_F(Processes, AHandlerWithRestartMakesACallThatWaitsBeAskedAgain) {
  m(a, "sigaction 10 restarted");
  m(child, "kill 1001 10");
  const std::string caught = " caught=" + std::to_string(signal_bit(SIGUSR1));
  EXPECT_EQ(m(a, "waitpid -1 0"), "ERESTARTSYS" + caught);
  EXPECT_FALSE(m.can(a, "waitpid -1 0"));
  m(child, "kill 1001 10");
  EXPECT_EQ(m(a, "sleep 1000000"), "EINTR" + caught) << "never made again";
  m(a, "sigaction 12 handled");
  m(child, "kill 1001 10");
  m(child, "kill 1001 12");
  EXPECT_EQ(m(a, "waitpid -1 0"), "refused signal");
}

TEST_F(Processes, ASignalDescriptorReadsWhatIsBlocked) {
  EXPECT_EQ(m(a, "signal_fd " + std::to_string(1 << (SIGTERM - 1))), "3");
  EXPECT_FALSE(m.can(a, "read 3 128"));
  EXPECT_FALSE(m.can(a, "poll 3 -1 -1 -1"));
  m(child, "kill 1001 15");
  EXPECT_EQ(m.life(a), Life::kRunning);
  EXPECT_EQ(m(a, "read 3 128"), "128 value=15");
}

TEST_F(Processes, ExecClosesWhatIsMarkedAndForgetsHandlers) {
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  m(a, R"(open cwd "f" O_RDWR|O_CLOEXEC 0)");
  m(a, "sigaction 15 restarted");
  m(a, "sigaction 1 ignored");
  EXPECT_EQ(m(a, R"(exec "program")"), "0");
  EXPECT_EQ(m(a, "fsync 3"), "0");
  EXPECT_EQ(m(a, "fsync 4"), "EBADF");
  m(child, "kill 1001 1");
  EXPECT_EQ(m.life(a), Life::kRunning);
  m(child, "kill 1001 15");
  EXPECT_EQ(m.life(a), Life::kDying);
}

TEST_F(Processes, StartTicksTellTwoBearersOfAPidApart) {
  const std::string first = m(a, R"(open cwd "/proc/1002/stat" O_RDONLY 0)");
  EXPECT_EQ(first, "3");
  EXPECT_NE(m(a, "read 3 1024").find("1002 (subject) S 1001"), std::string::npos);
  m(a, R"(open cwd "/proc/1002/stat" O_RDONLY 0)");
  m(child, "exit 0");
  m.die_completely(child);
  m(a, "waitpid 1002 0");
  EXPECT_EQ(m(a, "read 4 1024"), "ESRCH");
  EXPECT_EQ(m(a, R"(open cwd "/proc/1002/stat" O_RDONLY 0)"), "ENOENT");
}

TEST_F(Processes, AStepThatIsRepeatedOnACopyGivesTheSame) {
  const Kernel before = m.kernel;
  const std::string first = m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  const Kernel after = m.kernel;
  m.kernel = before;
  EXPECT_EQ(m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)"), first);
  EXPECT_TRUE(m.kernel == after);
}

TEST_F(Processes, ASleepEndsWhenTheClockSaysSo) {
  EXPECT_EQ(m(a, "sleep 100000000"), "waits");
  EXPECT_FALSE(m.can(a, "sleep 100000000"));
  EXPECT_EQ(next_wake_ns(m.kernel), 100'000'000);
  advance_clock(m.kernel, 99'000'000);
  EXPECT_FALSE(m.can(a, "sleep 100000000"));
  advance_clock(m.kernel, 100'000'000);
  EXPECT_EQ(m(a, "sleep 100000000"), "0");
  EXPECT_EQ(m(a, "clock_gettime CLOCK_MONOTONIC"), "0 value=100000000");
  EXPECT_EQ(next_wake_ns(m.kernel), 0);
}

TEST_F(Processes, ARebootKeepsTheFilesAndNothingElse) {
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  m(a, R"(write 3 "old")");
  m(a, "flock 3 LOCK_EX");
  m(a, R"(open cwd "/proc/sys/kernel/random/boot_id" O_RDONLY 0)");
  const std::string boot_id = m(a, "read 4 64");
  reboot(m.kernel);
  EXPECT_EQ(m.life(a), Life::kAbsent);
  const std::uint8_t next = m.start();
  m(next, R"(open cwd "f" O_RDWR 0)");
  EXPECT_EQ(m(next, "flock 3 LOCK_EX|LOCK_NB"), "0");
  EXPECT_EQ(m(next, "read 3 9"), R"(3 "old")");
  m(next, R"(open cwd "/proc/sys/kernel/random/boot_id" O_RDONLY 0)");
  EXPECT_NE(m(next, "read 4 64"), boot_id);
}

}  // namespace
}  // namespace lockproof::sim
