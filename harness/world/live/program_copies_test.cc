// SPDX-License-Identifier: Apache-2.0
// Programs of somebody else that are copied where they came to their first step, instead of being
// executed in each run: who is, who is not, and that it makes no difference.
#include <gtest/gtest.h>

#include <fstream>

#include "live/program_run.h"

namespace lockproof {
namespace {

class CopiesTest : public ProgramTest {
 protected:
  void python(const std::string& code) { add({"/usr/bin/python3", "-I", "-S", "-c", code}); }
  // The run that executes it, and then one that might not.
  Run again() {
    EXPECT_EQ(begin(), "");
    EXPECT_FALSE(world_.was_copied(0));
    const Run first = to_the_end();
    EXPECT_EQ(begin(), "");
    copied_ = world_.was_copied(0);
    const Run second = to_the_end();
    EXPECT_EQ(second, first);
    return second;
  }
  bool copied_ = false;
};

TEST_F(CopiesTest, WhoIsCopiedDoesWhatItDidWhenItWasExecuted) {
  add({"flock", "-n", "/mnt/lock", owner_});
  add({"flock", "-n", "/mnt/lock", owner_});
  again();
  EXPECT_TRUE(copied_);
  EXPECT_TRUE(world_.was_copied(1));
}

TEST_F(CopiesTest, WhoKnowsItsPidIsCopiedForThatPidOnly) {
  shell(": >/mnt/$$");
  start_.namespaces = {1};
  again();
  EXPECT_TRUE(copied_);
  ASSERT_EQ(begin(), "");
  ASSERT_TRUE(world_.inject(Fault::kReboot, 0, 0));
  EXPECT_TRUE(world_.was_copied(0)) << "it has the same pid in the next boot";
}

TEST_F(CopiesTest, WhoGetsAnotherPidIsExecutedAnew) {
  shell("exit 0");
  shell(": >/mnt/$$");
  ASSERT_EQ(begin(), "");
  go(0);
  ASSERT_TRUE(world_.inject(Fault::kReboot, 0, 0));
  EXPECT_EQ(world_.pid(1), 1001) << "nobody else begins anew";
  EXPECT_FALSE(world_.was_copied(1));
  to_the_end();
  EXPECT_TRUE(world_.file("1001"));
}

TEST_F(CopiesTest, WhoIsGoneIsFoundByNobody) {
  shell("exit 0");
  shell("kill -0 1001 2>/dev/null || : >/mnt/gone");
  ASSERT_EQ(begin(), "");
  while (world_.state(0) != ProcessState::kGone) go(0);
  to_the_end();
  EXPECT_TRUE(world_.file("gone"));
}

// What libc keeps of the pid, too: abort() signals the thread that it says.
TEST_F(CopiesTest, ACopyIsNobodyElseToItself) {
  python(
      "import os, signal, threading\n"
      "os.mkdir('/mnt/d')\n"
      "os.mkdir('/mnt/%d' % (threading.get_native_id() - os.getpid()))\n");
  const Run run = again();
  EXPECT_TRUE(copied_);
  ASSERT_GT(run.size(), 1u);
  EXPECT_EQ(run[1], R"(A mkdir cwd "0" 0777 -> 0)");
}

TEST_F(CopiesTest, WhatCopiesWouldShareIsNotCopied) {
  const std::string file = testing::TempDir() + "lockproof-copies-" + std::to_string(::getpid());
  std::ofstream(file) << std::string(100'000, 'x');
  const std::vector<std::string> shares = {
      "r, w = os.pipe(); os.write(w, b'x')",
      "m = mmap.mmap(-1, 4096); m[0] = 1",
      "f = os.open('" + file + "', os.O_RDONLY); os.read(f, 10)",
      "fcntl.flock(os.open('/dev/null', os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)",
      "os.setpgid(0, 0)",
  };
  for (const std::string& what : shares) {
    start_.cast.clear();
    python("import fcntl, mmap, os\n" + what + "\nos.mkdir('/mnt/d')");
    again();
    EXPECT_FALSE(copied_) << what;
  }
  start_.cast.clear();
  python("import os\nf = os.open('" + file +
         "', os.O_RDONLY); os.read(f, 200000)\nos.mkdir('/mnt/d')");
  again();
  EXPECT_TRUE(copied_) << "nobody reads on in a file that is read";
  std::remove(file.c_str());
}

}  // namespace
}  // namespace lockproof
