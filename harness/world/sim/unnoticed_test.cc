// SPDX-License-Identifier: Apache-2.0
// What a search may take at once, and what an outsider sees of locks.
#include <csignal>

#include "sim/machine.h"

namespace lockproof::sim {
namespace {

class Unnoticed : public ::testing::Test {
 protected:
  bool unnoticed(std::uint8_t slot) { return death_is_unnoticed(m.kernel, m.tables, slot); }
  void kill(std::uint8_t slot) { send(m.kernel, slot, SIGKILL); }
  void open(std::uint8_t slot) { m(slot, R"(open cwd "f" O_RDWR|O_CREAT 0600)"); }

  Machine m;
  std::uint8_t a = m.start();
};

TEST_F(Unnoticed, ADeathThatFreesNothing) {
  open(a);
  kill(a);
  EXPECT_TRUE(unnoticed(a));
}

TEST_F(Unnoticed, ButNotOfOneThatHoldsALock) {
  for (const char* lock : {"flock 3 LOCK_SH", "fcntl_lock 3 F_OFD_SETLK F_WRLCK 0 0",
                           "fcntl_lock 3 F_SETLK F_WRLCK 0 0"}) {
    const Kernel before = m.kernel;
    open(a);
    EXPECT_EQ(m(a, lock), "0");
    kill(a);
    EXPECT_FALSE(unnoticed(a)) << lock;
    m.kernel = before;
  }
}

TEST_F(Unnoticed, ALockThatAChildSharesIsNotFreed) {
  open(a);
  m(a, "flock 3 LOCK_EX");
  const std::uint8_t child = m.fork(a);
  kill(child);
  EXPECT_TRUE(unnoticed(child));
}

TEST_F(Unnoticed, ButNotOfOneThatHasTheLastDescriptorOfAnInode) {
  open(a);
  m(a, R"(unlink cwd "f" 0)");
  kill(a);
  EXPECT_FALSE(unnoticed(a));
}

TEST_F(Unnoticed, ButNotWhereSomebodyLooksAtStates) {
  const std::uint8_t b = m.start();
  const auto flags = [&] {
    const std::string fd = m(b, R"(open cwd "/proc/1001/stat" O_RDONLY 0)");
    const std::string line = m(b, "read " + fd + " 4096");
    m(b, "close " + fd);
    return line.substr(line.find(" -1 ") + 4, 1);
  };
  kill(a);
  EXPECT_EQ(flags(), "0");
  EXPECT_FALSE(unnoticed(a));
  advance_death(m.kernel, a);
  EXPECT_EQ(flags(), "4") << "PF_EXITING";
}

class Released : public Unnoticed {
 protected:
  void release(std::uint8_t slot) {
    kill(slot);
    advance_death(m.kernel, slot);
    ASSERT_EQ(m.life(slot), Life::kReleased);
  }
};

TEST_F(Released, BecomesAZombieOfInitUnnoticed) {
  release(a);
  EXPECT_TRUE(unnoticed(a));
  advance_death(m.kernel, a);
  EXPECT_FALSE(unnoticed(a)) << "its pid comes free";
}

TEST_F(Released, ButItsParentIsTold) {
  const std::uint8_t child = m.fork(a);
  release(child);
  EXPECT_FALSE(unnoticed(child));
}

TEST_F(Released, AndItsChildrenGetAnotherParent) {
  m.fork(a);
  release(a);
  EXPECT_FALSE(unnoticed(a));
}

TEST_F(Released, AndWhoHasAPidfdSeesIt) {
  const std::uint8_t b = m.start();
  EXPECT_EQ(m(b, "pidfd_open 1001"), "3");
  release(a);
  EXPECT_FALSE(unnoticed(a));
}

TEST_F(Released, AndWhoLooksAtStates) {
  const std::uint8_t b = m.start();
  m(b, R"(open cwd "/proc/self/stat" O_RDONLY 0)");
  m(b, "read 3 4096");
  EXPECT_FALSE(m.tables.states_are_seen) << "its own state says nothing of others";
  m(b, R"(open cwd "/proc/1001/stat" O_RDONLY 0)");
  m(b, "read 4 4096");
  EXPECT_TRUE(m.tables.states_are_seen);
  release(a);
  EXPECT_FALSE(unnoticed(a));
}

bool local(Machine& m, std::uint8_t slot, std::string_view line) {
  const auto call = parse_call(line, m.texts);
  return is_local(m.kernel, slot, *call);
}

TEST_F(Unnoticed, ACallThatAsksOnlyWhoOneIsIsLocal) {
  EXPECT_TRUE(local(m, a, "getpid"));
  EXPECT_TRUE(local(m, a, "geteuid"));
  EXPECT_FALSE(local(m, a, "getppid")) << "which changes";
  EXPECT_FALSE(local(m, a, "hold"));
  EXPECT_FALSE(local(m, a, "close 3"));
}

TEST_F(Unnoticed, ButNotWhereAHandlerMightRun) {
  m(a, "sigaction 15 ignored");
  EXPECT_TRUE(local(m, a, "getpid"));
  m(a, "sigaction 15 handled");
  EXPECT_FALSE(local(m, a, "getpid"));
}

class LockSeen : public Unnoticed {
 protected:
  bool locked(std::string_view name) {
    return is_locked(m.kernel, file_at(m.kernel, m.tables, 1, name));
  }
};

TEST_F(LockSeen, OfEachKindAreSeenOnTheirInodeAlone) {
  for (const char* lock : {"flock 4 LOCK_SH", "fcntl_lock 4 F_OFD_SETLK F_RDLCK 0 0",
                           "fcntl_lock 4 F_SETLK F_WRLCK 0 0"}) {
    const Kernel before = m.kernel;
    m(a, R"(open cwd "g" O_RDWR|O_CREAT 0600)");
    EXPECT_EQ(m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)"), "4");
    EXPECT_FALSE(locked("f")) << lock;
    EXPECT_EQ(m(a, lock), "0");
    EXPECT_TRUE(locked("f")) << lock;
    EXPECT_FALSE(locked("g")) << lock;
    m(a, "close 4");
    EXPECT_FALSE(locked("f")) << lock;
    m.kernel = before;
  }
}

TEST_F(LockSeen, OnAFileWithoutANameAreOrphans) {
  open(a);
  m(a, R"(link cwd "f" cwd "g" 0)");
  m(a, "flock 3 LOCK_EX");
  m(a, R"(unlink cwd "f" 0)");
  EXPECT_FALSE(has_orphan_lock(m.kernel)) << "a name still reaches it";
  m(a, R"(unlink cwd "g" 0)");
  EXPECT_TRUE(has_orphan_lock(m.kernel));
  m(a, "flock 3 LOCK_UN");
  EXPECT_FALSE(has_orphan_lock(m.kernel));
}

TEST_F(LockSeen, AChildWithAnotherProgramKeepsWhatExecKeeps) {
  open(a);
  m(a, R"(open cwd "g" O_RDWR|O_CREAT|O_CLOEXEC 0600)");
  m(a, "flock 3 LOCK_EX");
  m(a, "flock 4 LOCK_EX");
  const std::uint8_t child = fork_and_exec(m.kernel, m.tables, a);
  ASSERT_NE(child, kNone);
  EXPECT_EQ(m.kernel.processes[child].parent, a);
  EXPECT_EQ(pid_of(m.kernel.processes[child]), 1002);
  kill(a);
  m.die_completely(a);
  EXPECT_TRUE(locked("f"));
  EXPECT_FALSE(locked("g"));
  EXPECT_EQ(m.life(child), Life::kRunning);
}

TEST_F(LockSeen, AFullStateHasNoPlaceForAChild) {
  while (fork_and_exec(m.kernel, m.tables, a) != kNone) {
  }
  for (std::uint8_t slot = 0; slot < kProcesses; ++slot) EXPECT_EQ(m.life(slot), Life::kRunning);
}

}  // namespace
}  // namespace lockproof::sim
