// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "sim/machine.h"

namespace lockproof::sim {
namespace {

// Two processes of one namespace, one of a sibling, and one of the root namespace, above them.
class PidNamespaces : public ::testing::Test {
 protected:
  Machine m;
  std::uint8_t a = m.start(1);
  std::uint8_t a2 = m.start(1);
  std::uint8_t b = m.start(2);
  std::uint8_t host = m.start();

  std::string field(const std::string& stat, int number) {
    std::string rest = stat.substr(stat.rfind(')') + 1);
    for (; number > 2; --number) rest = rest.substr(rest.find(' ') + 1);
    return rest.substr(0, rest.find(' '));
  }
  // /proc/PID/stat, as `slot` reads it.
  std::string stat_of(std::uint8_t slot, const std::string& process) {
    const std::string fd = m(slot, "open cwd \"/proc/" + process + "/stat\" O_RDONLY 0");
    const std::string line = m(slot, "read " + fd + " 4096");
    m(slot, "close " + fd);
    return line;
  }
};

TEST_F(PidNamespaces, EachCountsItsOwnPids) {
  EXPECT_EQ(m(a, "getpid"), "1001");
  EXPECT_EQ(m(a2, "getpid"), "1002");
  EXPECT_EQ(m(b, "getpid"), "1001");
  EXPECT_EQ(m(host, "getpid"), "1001");
  for (const std::uint8_t slot : {a, a2, b, host}) EXPECT_EQ(m(slot, "getppid"), "1");
}

TEST_F(PidNamespaces, APidNamesNobodyOfASibling) {
  EXPECT_EQ(m(b, "kill 1002 0"), "ESRCH");
  EXPECT_EQ(m(b, "pidfd_open 1002"), "ESRCH");
  EXPECT_EQ(m(b, "kill 1066 0"), "ESRCH") << "what the root namespace calls a2 means nothing here";
  EXPECT_EQ(m(a, "kill 1065 0"), "ESRCH") << "nor to who is called so there";
  EXPECT_EQ(m(b, "open cwd \"/proc/1002/stat\" O_RDONLY 0"), "ENOENT");
  EXPECT_EQ(m(a, "kill 1002 0"), "0");
}

TEST_F(PidNamespaces, APidNamesSomebodyElseOfASibling) {
  EXPECT_EQ(m(b, "kill 1001 9"), "0");
  EXPECT_EQ(m.life(b), Life::kDying) << "it meant itself";
  EXPECT_EQ(m.life(a), Life::kRunning);
  EXPECT_EQ(m.life(host), Life::kRunning);
}

TEST_F(PidNamespaces, TheRootOneSeesAllWhoLiveBelow) {
  EXPECT_EQ(m(host, "kill 1065 0"), "0");
  EXPECT_EQ(m(host, "pidfd_open 1129"), "3");
  EXPECT_EQ(m(host, "kill 1066 9"), "0");
  EXPECT_EQ(m.life(a2), Life::kDying);
  EXPECT_EQ(m(host, "kill 1067 0"), "ESRCH");
  EXPECT_EQ(m(host, "kill 1193 0"), "ESRCH") << "there is no third namespace";
}

TEST_F(PidNamespaces, WhatIsDoneToTheInitOfAnotherIsRefused) {
  EXPECT_EQ(m(host, "kill 1064 0"), "refused pid_namespace");
  EXPECT_EQ(m(host, "pidfd_open 1128"), "refused pid_namespace");
  EXPECT_EQ(m(host, "open cwd \"/proc/1064/stat\" O_RDONLY 0"), "refused pid_namespace");
  EXPECT_EQ(m(host, "kill 1192 0"), "ESRCH") << "there is none";
  EXPECT_EQ(m(a, "kill 1064 0"), "ESRCH");
}

TEST_F(PidNamespaces, ChildrenAreBornAndReapedWhereTheirParentLives) {
  const std::uint8_t child = m.fork(a2);
  EXPECT_EQ(m(child, "getpid"), "1003");
  EXPECT_EQ(m(child, "getppid"), "1002");
  EXPECT_EQ(pid_of(m.kernel.processes[child]), 1067);
  EXPECT_EQ(m(b, "kill 1003 0"), "ESRCH");
  m(child, "exit 0");
  m.die_completely(child);
  EXPECT_EQ(m(a2, "waitpid 1067 WNOHANG"), "ECHILD");
  EXPECT_EQ(m(a2, "waitpid 1003 WNOHANG"), "1003");
  const std::uint8_t of_host = m.fork(host);
  EXPECT_EQ(m(of_host, "getpid"), "1002") << "the root namespace goes on where it was";
  m(of_host, "exit 0");
  m.die_completely(of_host);
  EXPECT_EQ(m(host, "waitpid 1002 WNOHANG"), "1002");
}

TEST_F(PidNamespaces, OrphansGoToTheInitOfTheirNamespace) {
  const std::uint8_t child = m.fork(a2);
  m(a2, "exit 0");
  m.die_completely(a2);
  EXPECT_EQ(m.life(a2), Life::kAbsent);
  EXPECT_EQ(m(child, "getppid"), "1");
  EXPECT_EQ(field(stat_of(child, "self"), 4), "1");
  EXPECT_EQ(field(stat_of(host, "1067"), 4), "1064") << "the init as the host knows it";
}

TEST_F(PidNamespaces, GroupsAreNamedInTheCallersNamespace) {
  const std::uint8_t child = m.fork(a);
  EXPECT_EQ(m(child, "setsid"), "1003");
  m(child, "exit 0");
  m.die_completely(child);
  EXPECT_EQ(m(a, "waitpid -1067 WNOHANG"), "ECHILD");
  EXPECT_EQ(m(a, "waitpid -1003 WNOHANG"), "1003");
}

TEST_F(PidNamespaces, ALockQueryNamesNobodyWhomTheAskerCannotSee) {
  m(a, "open cwd \"/home/l\" O_RDWR|O_CREAT 0600");
  EXPECT_EQ(m(a, "fcntl_lock 3 F_SETLK F_WRLCK 0 0"), "0");
  for (const std::uint8_t slot : {a2, b, host}) m(slot, "open cwd \"/home/l\" O_RDWR 0");
  EXPECT_EQ(m(b, "fcntl_lock 3 F_SETLK F_WRLCK 0 0"), "EAGAIN") << "the lock is one for all";
  EXPECT_EQ(m(a2, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "0 value=1001 mode=01");
  EXPECT_EQ(m(b, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "0 mode=01") << "held, by pid 0";
  EXPECT_EQ(m(host, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "0 value=1065 mode=01");
}

TEST_F(PidNamespaces, ProcShowsTheReadersNamespace) {
  EXPECT_EQ(stat_of(a2, "self").substr(0, 80), stat_of(a2, "1002").substr(0, 80));
  EXPECT_NE(stat_of(host, "1066").find("\"1066 (subject) S 1064 1064 1064 "), std::string::npos);
  EXPECT_NE(stat_of(a, "1002").find("\"1002 (subject) S 1 1 1 "), std::string::npos);
}

TEST_F(PidNamespaces, ProcessesCanTellWhetherTheirNamespaceIsOne) {
  const auto look = [&](std::uint8_t slot) { return m(slot, "stat cwd \"/proc/self/ns/pid\" 0"); };
  EXPECT_EQ(look(a), look(a2));
  EXPECT_NE(look(a), look(b));
  EXPECT_NE(look(a), look(host));
}

TEST_F(PidNamespaces, APidComesAgainInTheNamespaceThatItWasOf) {
  m(a2, "exit 0");
  m.die_completely(a2);
  EXPECT_TRUE(pid_is_free(m.kernel, 1066));
  EXPECT_FALSE(pid_is_free(m.kernel, 1067)) << "nobody had it";
  EXPECT_FALSE(pid_is_free(m.kernel, 1064)) << "the init";
  const std::uint8_t stranger = spawn_stranger(m.kernel, 1, 1066);
  EXPECT_EQ(m(stranger, "getpid"), "1002");
  EXPECT_EQ(m(a, "kill 1002 0"), "0");
  EXPECT_EQ(m(b, "kill 1002 0"), "ESRCH");
}

// A fault gives the pid to the next process of its namespace, and of no other.
TEST_F(PidNamespaces, APidIsReusedByWhoIsBornThere) {
  m(a2, "exit 0");
  m.die_completely(a2);
  EXPECT_TRUE(reuse_pid(m.kernel, 1066));
  EXPECT_EQ(m(m.fork(b), "getpid"), "1002");
  EXPECT_EQ(m(m.fork(host), "getpid"), "1002");
  EXPECT_EQ(m(m.fork(a), "getpid"), "1002");
}

TEST(PidBlocks, HaveAnEnd) {
  Machine m;
  const std::uint8_t below = m.start(3);
  const std::uint8_t host = m.start();
  for (const std::uint8_t parent : {below, host}) {
    for (int pid = 1002; pid < 1064; ++pid) {
      const std::string child = std::to_string(pid);
      ASSERT_EQ(m(parent, "fork"), child);
      m.kernel.processes[slot_meant(m.kernel, parent, pid)].life = Life::kZombie;
      ASSERT_EQ(m(parent, "waitpid -1 0"), child);
    }
    EXPECT_EQ(m(parent, "fork"), "refused processes");
  }
}

TEST(PidBlocks, AreTheRootNamespacesWhereNobodyLivesBelow) {
  Machine m;
  const std::uint8_t a = m.start();
  for (int pid = 1002; pid < 1100; ++pid) {
    m(a, "fork");
    m.kernel.processes[slot_of(m.kernel, pid)].life = Life::kZombie;
    ASSERT_EQ(m(a, "waitpid -1 0"), std::to_string(pid));
  }
  EXPECT_EQ(m(a, "kill 1064 0"), "ESRCH");
  EXPECT_EQ(m(m.fork(a), "getpid"), "1100");
}

TEST_F(PidNamespaces, EndWithTheBoot) {
  reboot(m.kernel);
  const std::uint8_t first = m.start();
  EXPECT_EQ(m(first, "getpid"), "1001");
  EXPECT_EQ(m(first, "kill 1064 0"), "ESRCH");
}

}  // namespace
}  // namespace lockproof::sim
