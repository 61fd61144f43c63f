// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "sim/machine.h"

namespace lockproof::sim {
namespace {

constexpr const char* kOpen = R"(open cwd "lock" O_RDWR|O_CREAT 0600)";
constexpr const char* kTakeRecord = "fcntl_lock 3 F_SETLK F_WRLCK 0 0";
constexpr const char* kTakeOfd = "fcntl_lock 3 F_OFD_SETLK F_WRLCK 0 0";

class Locks : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(m(a, kOpen), "3");
    EXPECT_EQ(m(b, kOpen), "3");
  }

  Machine m;
  std::uint8_t a = m.start();
  std::uint8_t b = m.start();
};

TEST_F(Locks, FlockIsLostInAFailedConversion) {
  EXPECT_EQ(m(a, "flock 3 LOCK_SH"), "0");
  EXPECT_EQ(m(b, "flock 3 LOCK_SH"), "0");
  EXPECT_EQ(m(a, "flock 3 LOCK_EX|LOCK_NB"), "EAGAIN");
  EXPECT_EQ(m(b, "flock 3 LOCK_EX|LOCK_NB"), "0") << "a's shared lock is gone";
}

TEST_F(Locks, FlockThatConvertsAndWaitsGivesUpTheOldLockFirst) {
  m(a, "flock 3 LOCK_SH");
  m(b, "flock 3 LOCK_SH");
  EXPECT_TRUE(m.can(a, "flock 3 LOCK_EX")) << "it has an effect";
  EXPECT_EQ(m(a, "flock 3 LOCK_EX"), "waits");
  EXPECT_FALSE(m.can(a, "flock 3 LOCK_EX"));
  EXPECT_EQ(m(b, "flock 3 LOCK_EX"), "0");
  m(b, "flock 3 LOCK_UN");
  EXPECT_TRUE(m.can(a, "flock 3 LOCK_EX"));
}

TEST_F(Locks, FlockSurvivesInAForkedChild) {
  m(a, "flock 3 LOCK_EX");
  const std::uint8_t child = m.fork(a);
  send(m.kernel, a, SIGKILL);
  m.die_completely(a);
  EXPECT_EQ(m(b, "flock 3 LOCK_EX|LOCK_NB"), "EAGAIN");
  EXPECT_EQ(m(child, "close 3"), "0");
  EXPECT_EQ(m(b, "flock 3 LOCK_EX|LOCK_NB"), "0");
}

TEST_F(Locks, FlockIsUnlockedForAllByAForkedChild) {
  m(a, "flock 3 LOCK_EX");
  EXPECT_EQ(m(m.fork(a), "flock 3 LOCK_UN"), "0");
  EXPECT_EQ(m(b, "flock 3 LOCK_EX|LOCK_NB"), "0");
}

TEST_F(Locks, AKilledProcessHoldsItsFlockUntilItsFilesAreClosed) {
  m(a, "flock 3 LOCK_EX");
  send(m.kernel, a, SIGKILL);
  EXPECT_EQ(m(b, "flock 3 LOCK_EX|LOCK_NB"), "EAGAIN");
  EXPECT_FALSE(m.can(b, "flock 3 LOCK_EX"));
  advance_death(m.kernel, a);
  EXPECT_EQ(m.life(a), Life::kReleased);
  EXPECT_TRUE(m.can(b, "flock 3 LOCK_EX"));
  EXPECT_EQ(m(b, "flock 3 LOCK_EX"), "0");
}

TEST_F(Locks, ARecordLockIsDroppedByAnyCloseOfTheFile) {
  EXPECT_EQ(m(a, kTakeRecord), "0");
  EXPECT_EQ(m(a, R"(open cwd "lock" O_RDONLY 0)"), "4");
  EXPECT_EQ(m(b, kTakeRecord), "EAGAIN");
  EXPECT_EQ(m(a, "close 4"), "0");
  EXPECT_EQ(m(b, kTakeRecord), "0");
}

TEST_F(Locks, ARecordLockIsNotInheritedByAChild) {
  m(a, kTakeRecord);
  const std::uint8_t child = m.fork(a);
  EXPECT_EQ(m(child, kTakeRecord), "EAGAIN");
  EXPECT_EQ(m(child, "close 3"), "0");
  EXPECT_EQ(m(b, kTakeRecord), "EAGAIN") << "the child's close drops nothing of the parent's";
}

TEST_F(Locks, AnOfdLockIsDroppedByTheLastCloseOnly) {
  m(a, kTakeOfd);
  m(a, "dup_above 3 5");
  m(a, R"(open cwd "lock" O_RDONLY 0)");
  m(a, "close 3");
  m(a, "close 4");
  EXPECT_EQ(m(b, kTakeOfd), "EAGAIN");
  m(a, "close 5");
  EXPECT_EQ(m(b, kTakeOfd), "0");
}

TEST_F(Locks, RecordAndOfdLocksSeeEachOtherAndFlockSeesNeither) {
  m(a, kTakeOfd);
  EXPECT_EQ(m(b, kTakeRecord), "EAGAIN");
  EXPECT_EQ(m(a, kTakeRecord), "EAGAIN") << "also in one process";
  EXPECT_EQ(m(b, "flock 3 LOCK_EX|LOCK_NB"), "0");
}

TEST_F(Locks, AQueryNamesTheHolderOfARecordLockAndNobodyForAnOfdLock) {
  EXPECT_EQ(m(b, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "0 mode=02") << "F_UNLCK: free";
  m(a, kTakeRecord);
  EXPECT_EQ(m(b, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "0 value=1001 mode=01");
  EXPECT_EQ(m(b, "fcntl_lock 3 F_OFD_GETLK F_WRLCK 0 0"), "0 value=1001 mode=01");
  EXPECT_EQ(m(a, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "0 mode=02") << "one's own";
  m(a, "fcntl_lock 3 F_SETLK F_UNLCK 0 0");
  m(a, kTakeOfd);
  EXPECT_EQ(m(b, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "0 value=-1 mode=01");
}

TEST_F(Locks, PartsOfAFileAreLockedApart) {
  const auto ofd = [this](std::uint8_t who, const std::string& what) {
    return m(who, "fcntl_lock 3 F_OFD_" + what);
  };
  EXPECT_EQ(ofd(a, "SETLK F_WRLCK 0 1"), "0");
  EXPECT_EQ(ofd(b, "SETLK F_WRLCK 1 1"), "0");
  EXPECT_EQ(ofd(b, "SETLK F_RDLCK 2 1"), "0");
  EXPECT_EQ(ofd(b, "SETLK F_WRLCK 0 1"), "EAGAIN");
  EXPECT_EQ(ofd(a, "SETLK F_WRLCK 0 0"), "EAGAIN") << "the whole file, of which b has two bytes";
  EXPECT_EQ(ofd(a, "SETLK F_WRLCK 7 0"), "0") << "all after the first seven";
  EXPECT_EQ(ofd(a, "SETLK F_RDLCK 2 1"), "0") << "shared";
  EXPECT_EQ(ofd(a, "GETLK F_WRLCK 1 1"), "0 value=-1 mode=01");
  EXPECT_EQ(ofd(a, "GETLK F_WRLCK 0 1"), "0 mode=02") << "one's own";
  EXPECT_EQ(ofd(a, "GETLK F_WRLCK 0 3"), "refused several_holders") << "one writes, one reads";
  EXPECT_EQ(ofd(b, "SETLK F_UNLCK 0 0"), "0");
  EXPECT_EQ(ofd(a, "SETLK F_WRLCK 0 0"), "0");
  EXPECT_EQ(ofd(a, "SETLK F_UNLCK 1 1"), "0") << "a hole";
  EXPECT_EQ(ofd(b, "SETLK F_WRLCK 1 1"), "0");
  EXPECT_EQ(ofd(b, "SETLK F_WRLCK 2 1"), "EAGAIN");
}

TEST_F(Locks, OnlyALockOnTheFirstByteMakesTheFileLocked) {
  m(a, "fcntl_lock 3 F_OFD_SETLK F_WRLCK 1 1");
  EXPECT_FALSE(is_locked(m.kernel, file_at(m.kernel, m.tables, 1, "lock")));
  m(a, "fcntl_lock 3 F_OFD_SETLK F_WRLCK 0 1");
  EXPECT_TRUE(is_locked(m.kernel, file_at(m.kernel, m.tables, 1, "lock")));
}

TEST_F(Locks, AWaitingRecordLockIsDisabledUntilItsHolderDies) {
  m(a, kTakeRecord);
  EXPECT_FALSE(m.can(b, "fcntl_lock 3 F_SETLKW F_WRLCK 0 0"));
  m(a, "exit 0");
  EXPECT_FALSE(m.can(b, "fcntl_lock 3 F_SETLKW F_WRLCK 0 0"));
  advance_death(m.kernel, a);
  EXPECT_EQ(m(b, "fcntl_lock 3 F_SETLKW F_WRLCK 0 0"), "0");
}

TEST_F(Locks, WhatIsNotModelledIsRefusedByName) {
  EXPECT_EQ(m(a, "fcntl_lock 3 F_SETLK F_WRLCK 1 0"), "refused byte_range");
  for (const char* range : {"1 8", "1 7", "8 0", "0 8", "-1 2", "1 -1"}) {
    EXPECT_EQ(m(a, std::string("fcntl_lock 3 F_OFD_SETLK F_WRLCK ") + range), "refused byte_range");
  }
  EXPECT_EQ(m(a, "flock 3 32"), "refused lock_command");
  EXPECT_EQ(m(a, "fcntl_lock 3 F_OFD_GETLK F_UNLCK 0 0"), "refused lock_command");
  m(a, R"(open cwd "other" O_RDWR|O_CREAT 0600)");
  m(a, "fcntl_lock 4 F_SETLK F_WRLCK 0 0");
  m(b, kTakeRecord);
  EXPECT_EQ(m(a, "fcntl_lock 3 F_SETLKW F_WRLCK 0 0"), "refused deadlock");
}

TEST_F(Locks, OfSeveralHoldersNobodyIsNamed) {
  m(a, "fcntl_lock 3 F_SETLK F_RDLCK 0 0");
  m(b, "fcntl_lock 3 F_SETLK F_RDLCK 0 0");
  const std::uint8_t c = m.start();
  m(c, kOpen);
  EXPECT_EQ(m(c, "fcntl_lock 3 F_GETLK F_WRLCK 0 0"), "refused several_holders");
}

}  // namespace
}  // namespace lockproof::sim
