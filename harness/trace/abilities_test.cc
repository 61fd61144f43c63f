// SPDX-License-Identifier: Apache-2.0
#include "trace/abilities.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace lockproof {
namespace {

TEST(Abilities, WhereTheTestsRunNothingIsLacking) {
  const auto abilities = try_abilities();
  ASSERT_EQ(abilities.size(), 6u);
  for (const Ability& ability : abilities) EXPECT_EQ(ability.lacking, "") << ability.name;
}

void forbid(int call) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program = {4, filter};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

// Which of them are lacking, bit by bit, where the host forbids that call.
int lacking_without(int call) {
  const pid_t child = ::fork();
  if (child == 0) {
    forbid(call);
    int found = 0;
    int bit = 1;
    for (const Ability& ability : try_abilities()) {
      if (ability.lacking.find("Operation not permitted") != std::string::npos) found |= bit;
      bit <<= 1;
    }
    ::_exit(found);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WEXITSTATUS(status);
}

TEST(Abilities, WhatTheHostForbidsIsNamed) {
  EXPECT_EQ(lacking_without(SYS_ptrace), 1);
  EXPECT_EQ(lacking_without(SYS_seccomp), 2);
  EXPECT_EQ(lacking_without(SYS_mount), 32) << "/proc of a new pid namespace";
  EXPECT_EQ(lacking_without(SYS_clone3), 32) << "pids that are chosen";
  EXPECT_EQ(lacking_without(SYS_clone), 61) << "all that is tried in a child";
}

}  // namespace
}  // namespace lockproof
