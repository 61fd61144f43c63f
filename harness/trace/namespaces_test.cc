// SPDX-License-Identifier: Apache-2.0
#include "trace/namespaces.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lockproof {
namespace {

// As root or not: in a user namespace everybody may change the root.
TEST(Namespaces, ARootThatIsNoMountIsNamed) {
  const pid_t pid = fork_into(CLONE_NEWNS | (::geteuid() == 0 ? 0UL : CLONE_NEWUSER));
  ASSERT_GE(pid, 0);
  if (pid == 0) {
    const bool moved = ::chroot("/usr") == 0 && ::chdir("/") == 0;
    const bool told = make_mounts_private().find("plain chroot") != std::string::npos;
    ::_exit(moved && told ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace lockproof
