// SPDX-License-Identifier: Apache-2.0
#include "sim/machine.h"

namespace lockproof::sim {
namespace {

class Names : public ::testing::Test {
 protected:
  Machine m;
  std::uint8_t a = m.start();
  std::uint8_t b = m.start();
};

TEST_F(Names, AnUnlinkedFileLivesWhileItIsOpen) {
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  m(a, R"(write 3 "old")");
  EXPECT_EQ(m(b, R"(unlink cwd "f" 0)"), "0");
  EXPECT_EQ(m(a, "fstat 3"), "0 value=3 ino=3 mode=0100600");
  EXPECT_EQ(m(b, R"(open cwd "f" O_RDWR|O_CREAT 0600)"), "3");
  EXPECT_EQ(m(b, "fstat 3"), "0 ino=4 mode=0100600 nlink=1") << "another inode";
  EXPECT_EQ(m(a, "pread 3 9 0"), R"(3 "old")");
  m(a, "close 3");
  m(a, R"(open cwd "g" O_RDWR|O_CREAT 0600)");
  EXPECT_EQ(m(a, "fstat 3"), "0 ino=3 mode=0100600 nlink=1") << "its number is given again";
}

TEST_F(Names, RenameOverAnOpenFileLeavesTheOldOneToItsReaders) {
  m(a, R"(open cwd "record" O_RDWR|O_CREAT 0600)");
  m(a, R"(write 3 "1")");
  m(b, R"(open cwd "record.new" O_RDWR|O_CREAT 0600)");
  m(b, R"(write 3 "2")");
  EXPECT_EQ(m(b, R"(rename cwd "record.new" cwd "record")"), "0");
  EXPECT_EQ(m(a, "pread 3 9 0"), R"(1 "1")");
  m(a, R"(open cwd "record" O_RDONLY 0)");
  EXPECT_EQ(m(a, "read 4 9"), R"(1 "2")");
}

TEST_F(Names, RenameOfTwoNamesOfOneFileDoesNothing) {
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  m(a, R"(link cwd "f" cwd "g" 0)");
  EXPECT_EQ(m(a, R"(rename cwd "f" cwd "g")"), "0");
  EXPECT_EQ(m(a, "fstat 3"), "0 ino=3 mode=0100600 nlink=2");
}

TEST_F(Names, OnlyOneOfTwoExclusiveCreationsSucceeds) {
  const char* const create = R"(open cwd "lock" O_WRONLY|O_CREAT|O_EXCL 0600)";
  EXPECT_EQ(m(a, create), "3");
  EXPECT_EQ(m(b, create), "EEXIST");
}

TEST_F(Names, ExclusiveCreationFollowsNoLink) {
  m(a, R"(symlink "nowhere" cwd "lock")");
  EXPECT_EQ(m(a, R"(open cwd "lock" O_WRONLY|O_CREAT|O_EXCL 0600)"), "EEXIST");
  EXPECT_EQ(m(a, R"(open cwd "lock" O_WRONLY|O_NOFOLLOW 0)"), "ELOOP");
  EXPECT_EQ(m(a, R"(open cwd "lock" O_WRONLY|O_CREAT 0600)"), "3") << "this one makes its target";
  EXPECT_EQ(m(a, R"(stat cwd "nowhere" 0)"), "0 ino=4 mode=0100600 nlink=1");
}

TEST_F(Names, ALinkToItselfEndsInAnError) {
  m(a, R"(symlink "l" cwd "l")");
  EXPECT_EQ(m(a, R"(stat cwd "l" 0)"), "ELOOP");
  EXPECT_EQ(m(a, R"(readlink cwd "l" 9)"), R"(1 "l")");
}

TEST_F(Names, NothingIsMadeInARemovedDirectory) {
  m(a, R"(mkdir cwd "d" 0700)");
  EXPECT_EQ(m(a, R"(open cwd "d" O_RDONLY|O_DIRECTORY 0)"), "3");
  EXPECT_EQ(m(b, R"(unlink cwd "d" AT_REMOVEDIR)"), "0");
  EXPECT_EQ(m(a, R"(open 3 "f" O_WRONLY|O_CREAT 0600)"), "ENOENT");
}

TEST_F(Names, AFileIsSeenHalfWritten) {
  m(a, R"(open cwd "f" O_WRONLY|O_CREAT|O_TRUNC 0600)");
  m(b, R"(open cwd "f" O_RDONLY 0)");
  m(a, R"(write 3 "47")");
  EXPECT_EQ(m(b, "pread 3 9 0"), R"(2 "47")");
  m(a, R"(write 3 "11")");
  EXPECT_EQ(m(b, "pread 3 9 0"), R"(4 "4711")");
  m(a, "ftruncate 3 0");
  EXPECT_EQ(m(b, "pread 3 9 0"), "0");
}

TEST_F(Names, AnOffsetIsSharedByDupAndForkAndNotByOpen) {
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0600)");
  m(a, R"(pwrite 3 "abcdef" 0)");
  const std::uint8_t child = m.fork(a);
  EXPECT_EQ(m(a, "read 3 2"), R"(2 "ab")");
  EXPECT_EQ(m(child, "read 3 2"), R"(2 "cd")");
  EXPECT_EQ(m(child, "dup_above 3 3"), "4");
  EXPECT_EQ(m(child, "read 4 2"), R"(2 "ef")");
  m(b, R"(open cwd "f" O_RDONLY 0)");
  EXPECT_EQ(m(b, "read 3 2"), R"(2 "ab")");
}

TEST_F(Names, PathsAreOpenedToBeLookedAtOnly) {
  EXPECT_EQ(m(a, R"(open cwd "/" O_PATH|O_DIRECTORY|O_NOFOLLOW 0)"),
            m(b, R"(open cwd "/" O_RDONLY|O_PATH|O_DIRECTORY|O_NOFOLLOW 0)"));
  EXPECT_EQ(m(a, R"(open 3 "home" O_RDONLY|O_PATH|O_DIRECTORY|O_NOFOLLOW 0)"), "4");
  EXPECT_EQ(m(a, "fstatfs 4"), "0 value=16914836");
  EXPECT_EQ(m(a, "flock 4 LOCK_EX"), "EBADF");
  EXPECT_EQ(m(a, R"(open 4 "f" O_WRONLY|O_CREAT 0600)"), "5");
}

TEST_F(Names, ADirectoryIsThereByItsDots) {
  EXPECT_EQ(m(a, R"(mkdir cwd "." 0700)"), "EEXIST");
  EXPECT_EQ(m(a, R"(mkdir cwd "d/." 0700)"), "ENOENT");
  m(a, R"(mkdir cwd "d" 0700)");
  EXPECT_EQ(m(a, R"(mkdir cwd "d/." 0700)"), "EEXIST");
  EXPECT_EQ(m(a, R"(mkdir cwd "d/.." 0700)"), "EEXIST");
}

TEST_F(Names, WhatIsNotModelledIsRefusedByName) {
  EXPECT_EQ(m(a, R"(open cwd "f" O_RDWR|O_CREAT|4096 0600)"), "refused open_flag");
  EXPECT_EQ(m(a, R"(open cwd "f" O_RDONLY|O_EXCL 0)"), "refused open_flag");
  EXPECT_EQ(m(a, R"(open cwd "f" O_RDWR|O_CREAT 06755)"), "refused mode_bits");
  EXPECT_EQ(m(a, R"(mkdir cwd "d/" 0700)"), "refused dot_or_slash");
  EXPECT_EQ(m(a, R"(open cwd "/proc/locks" O_RDONLY 0)"), "refused special_file");
  EXPECT_EQ(m(a, R"(open cwd "../proc/locks" O_RDONLY 0)"), "refused special_file");
  for (int i = 0; i < 14; ++i) {
    m(a, "mkdir cwd \"d" + std::to_string(i) + "\" 0700");
  }
  EXPECT_EQ(m(a, R"(mkdir cwd "one more" 0700)"), "refused inodes");
}

TEST_F(Names, OtherPeoplesFilesAreClosedToThoseWhoAreNotRoot) {
  m(a, R"(open cwd "f" O_RDWR|O_CREAT 0644)");
  m(a, R"(open cwd "g" O_RDWR|O_CREAT 0640)");
  m.kernel.inodes[1].mode = S_IFDIR | 0755;
  m.tables.user = 1;
  EXPECT_EQ(m(b, R"(open cwd "f" O_RDONLY 0)"), "3");
  EXPECT_EQ(m(b, R"(open cwd "f" O_RDWR 0)"), "EACCES");
  EXPECT_EQ(m(b, R"(open cwd "g" O_RDONLY 0)"), "refused other_user") << "the group decides";
  EXPECT_EQ(m(b, R"(touch cwd "f")"), "EACCES");
  m.kernel.inodes[1].mode = S_IFDIR | 0777;
  m(b, R"(open cwd "mine" O_RDONLY|O_CREAT 0400)");
  EXPECT_EQ(m(b, R"(touch cwd "mine")"), "0");
  m.kernel.inodes[1].mode = S_IFDIR | 0755;
  EXPECT_EQ(m(b, R"(unlink cwd "f" 0)"), "EACCES");
  EXPECT_EQ(m(b, "fchmod 3 0600"), "EPERM");
}

}  // namespace
}  // namespace lockproof::sim
