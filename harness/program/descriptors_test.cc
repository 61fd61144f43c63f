// SPDX-License-Identifier: Apache-2.0
#include "program/descriptors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>

namespace lockproof {
namespace {

class DescriptorsTest : public testing::Test {
 protected:
  Call call(std::string_view line) { return *parse_call(line, texts_); }
  // The program makes it, in the kernel's numbers, and the kernel returns `result`: what is asked
  // of the world, and what that would return.
  std::string made(std::string_view line, const KernelCall& raw, std::int64_t result) {
    Call asked = call(line);
    if (!all_.translate(asked)) return "not known";
    const std::int64_t told = all_.follow(raw, asked, result);
    return format(asked, texts_) + " -> " + std::to_string(told);
  }

  Texts texts_;
  Descriptors all_;
};

// A library is open at 3, so the kernel's next number is 4.
TEST_F(DescriptorsTest, WhatDoesNotMatterTakesNoNumber) {
  EXPECT_EQ(made("open cwd \"lock\" 0 0", {SYS_openat, {}}, 4),
            "open cwd \"lock\" O_RDONLY 0 -> 3");
  EXPECT_EQ(made("flock 4 LOCK_EX", {SYS_flock, {4}}, 0), "flock 3 LOCK_EX -> 0");
  EXPECT_EQ(made("flock 3 LOCK_EX", {SYS_flock, {3}}, 0), "not known");
}

TEST_F(DescriptorsTest, ACopyHasTheLowestFreeNumberWhereverItIsPut) {
  made("open cwd \"lock\" 0 0", {SYS_openat, {}}, 3);
  EXPECT_EQ(made("dup 3 10", {SYS_fcntl, {3, F_DUPFD, 10}}, 10), "dup 3 0 -> 4");
  EXPECT_EQ(made("dup2 3 0 0", {SYS_dup3, {3, 0, 0}}, 0), "dup 3 0 -> 5") << "0 did not matter";
  EXPECT_EQ(made("close 3", {SYS_close, {3}}, 0), "close 3 -> 0");
  EXPECT_EQ(made("read 0 1", {SYS_read, {0}}, 1), "read 5 1 -> 1");
  EXPECT_EQ(made("open cwd \"lock\" 0 0", {SYS_openat, {}}, 3),
            "open cwd \"lock\" O_RDONLY 0 -> 3");
}

TEST_F(DescriptorsTest, ANumberThatIsTakenByAnotherIsClosed) {
  made("open cwd \"lock\" 0 0", {SYS_openat, {}}, 3);
  made("open cwd \"pid\" 0 0", {SYS_openat, {}}, 4);
  EXPECT_EQ(made("dup2 3 4 0", {SYS_dup3, {3, 4, 0}}, 4), "dup2 3 4 0 -> 4");
  EXPECT_EQ(made("dup2 1 4 0", {SYS_dup3, {1, 4, 0}}, 4), "close 4 -> 0")
      << "by one that does not matter";
  EXPECT_EQ(made("read 4 1", {SYS_read, {4}}, 1), "not known");
}

TEST_F(DescriptorsTest, WhatFailedChangesNothing) {
  EXPECT_EQ(made("open cwd \"lock\" 0 0", {SYS_openat, {}}, -ENOENT),
            "open cwd \"lock\" O_RDONLY 0 -> -2");
  EXPECT_FALSE(all_.known(3));
}

}  // namespace
}  // namespace lockproof
