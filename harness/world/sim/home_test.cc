// SPDX-License-Identifier: Apache-2.0
#include "sim/home.h"

#include "sim/machine.h"

namespace lockproof::sim {
namespace {

class Home : public ::testing::Test {
 protected:
  std::string content(std::string_view name) {
    const std::uint8_t inode = file_at(m.kernel, m.tables, kHomeInode, name);
    return inode == kNone ? "none" : std::string(m.texts[m.kernel.inodes[inode].content]);
  }

  Machine m;
};

TEST_F(Home, BelongsToTheUserAlone) {
  m.tables.user = 2;
  m.kernel = boot_with_home(m.tables);
  EXPECT_EQ(m.kernel.inodes[kHomeInode].mode, S_IFDIR | 0700);
  EXPECT_EQ(m.kernel.inodes[kHomeInode].user, 2);
  const std::uint8_t a = spawn(m.kernel, kHomeInode);
  EXPECT_EQ(m(a, "open cwd \"/home/f\" O_RDWR|O_CREAT 0600"), "3");
  EXPECT_EQ(content("f"), "");
}

TEST_F(Home, AFileIsThereAndNothingElseHasHappened) {
  ASSERT_TRUE(put_file(m.kernel, m.tables, "pid", "1249\n").ok());
  ASSERT_TRUE(put_file(m.kernel, m.tables, "empty", "").ok());
  EXPECT_EQ(content("pid"), "1249\n");
  EXPECT_EQ(content("empty"), "");
  const std::uint8_t inode = file_at(m.kernel, m.tables, kHomeInode, "pid");
  EXPECT_EQ(m.kernel.inodes[inode].mode, S_IFREG | 0600);
  EXPECT_EQ(slot_of(m.kernel, 1001), kNone) << "nobody runs";
  const std::uint8_t first = m.start();
  EXPECT_EQ(pid_of(m.kernel.processes[first]), 1001);
  EXPECT_EQ(first, 0);
}

TEST_F(Home, AFileBringsTheDirectoriesThatLeadToIt) {
  ASSERT_TRUE(put_file(m.kernel, m.tables, "a/b/pid", "1249\n").ok());
  ASSERT_TRUE(put_file(m.kernel, m.tables, "a/other", "x").ok());
  EXPECT_EQ(content("a/b/pid"), "1249\n");
  EXPECT_EQ(content("a/other"), "x");
}

TEST_F(Home, WhatTheModelHasNoPlaceForIsAnError) {
  const std::string long_text(Texts::kMaxBytes + 1, 'x');
  EXPECT_FALSE(put_file(m.kernel, m.tables, "f", long_text).ok());
  ASSERT_TRUE(put_file(m.kernel, m.tables, "f", "x").ok());
  const auto folder = put_file(m.kernel, m.tables, "f/such", "x");
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().sentence, "'f/such' cannot be made in the model");
  EXPECT_EQ(folder.error().kind, Error::Kind::kUsage);
  m.kernel = boot_with_home(m.tables);
  unsigned made = 0;
  while (put_file(m.kernel, m.tables, "f" + std::to_string(made), "x").ok()) ++made;
  EXPECT_EQ(made, kInodes - 2);
}

}  // namespace
}  // namespace lockproof::sim
