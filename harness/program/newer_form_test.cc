// SPDX-License-Identifier: Apache-2.0
#include "program/newer_form.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <csignal>

namespace lockproof {
namespace {

constexpr auto kCwd = static_cast<std::uint64_t>(static_cast<std::int64_t>(AT_FDCWD));

void expect(const KernelCall& older, const KernelCall& newer) {
  const KernelCall found = newer_form(older);
  EXPECT_EQ(found.number, newer.number) << "of " << older.number;
  EXPECT_EQ(found.arguments, newer.arguments) << "of " << older.number;
}

TEST(NewerForm, OfCallsThatHadNoDirectory) {
  expect({SYS_unlink, {7}}, {SYS_unlinkat, {kCwd, 7, 0}});
  expect({SYS_rmdir, {7}}, {SYS_unlinkat, {kCwd, 7, AT_REMOVEDIR}});
  expect({SYS_rename, {7, 8}}, {SYS_renameat, {kCwd, 7, kCwd, 8}});
  expect({SYS_lstat, {7, 8}}, {SYS_newfstatat, {kCwd, 7, 8, AT_SYMLINK_NOFOLLOW}});
  expect({SYS_creat, {7, 0600}}, {SYS_openat, {kCwd, 7, O_CREAT | O_WRONLY | O_TRUNC, 0600}});
  expect({SYS_symlink, {7, 8}}, {SYS_symlinkat, {7, kCwd, 8}});
}

TEST(NewerForm, OfCallsOnDescriptors) {
  expect({SYS_dup, {3}}, {SYS_fcntl, {3, F_DUPFD, 0}});
  expect({SYS_dup2, {3, 9}}, {SYS_dup3, {3, 9, 0}});
  expect({SYS_dup2, {3, 3}}, {SYS_dup2, {3, 3}});  // where dup3 fails
  expect({SYS_ioctl, {3, FIOCLEX}}, {SYS_fcntl, {3, F_SETFD, FD_CLOEXEC}});
}

TEST(NewerForm, AVforkIsAForkWhoseParentWaits) {
  const KernelCall spawns{SYS_clone, {CLONE_VM | CLONE_VFORK | SIGCHLD, 0x1000}};
  expect(spawns, {SYS_clone, {SIGCHLD, 0x1000}});
  EXPECT_TRUE(is_vfork(spawns));
  EXPECT_TRUE(is_vfork({SYS_vfork, {}}));
  EXPECT_FALSE(is_vfork({SYS_fork, {}}));
  expect({SYS_vfork, {}}, {SYS_fork, {}});
  const KernelCall thread{SYS_clone, {CLONE_VM | CLONE_THREAD, 0x1000}};
  expect(thread, thread);
}

TEST(NewerForm, WhatIsNewStays) {
  const KernelCall opens{SYS_openat, {kCwd, 7, O_RDWR}};
  expect(opens, opens);
}

}  // namespace
}  // namespace lockproof
