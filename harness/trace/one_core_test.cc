// SPDX-License-Identifier: Apache-2.0
#include "trace/one_core.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lockproof {
namespace {

int cores() {
  cpu_set_t set;
  EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  return CPU_COUNT(&set);
}

TEST(OneCoreTest, WhoIsMadeMeanwhileIsThereTooAndThenAllIsAsBefore) {
  const int before = cores();
  {
    const OneCore here;
    EXPECT_EQ(cores(), 1);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(cores());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 1);
  }
  EXPECT_EQ(cores(), before);
}

}  // namespace
}  // namespace lockproof
