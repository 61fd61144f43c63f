// SPDX-License-Identifier: Apache-2.0
// Programs of somebody else that have threads: their steps are those of one process, the same each
// time.
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "live/program_run.h"

namespace lockproof {
namespace {

class ProgramThreadsTest : public ProgramTest {
 protected:
  void python(const std::string& code) {
    add({"/usr/bin/python3", "-I", "-S", "-c", "import os, threading\n" + code});
  }
  void node(const std::string& code) {
    add({"node", "-e", "const fs = require('fs');" + code}, Command::Hears::kWords);
  }
  // Up to where that call stands.
  void until(Op op) {
    for (unsigned steps = 0; world_.pending(0).op != op; ++steps) {
      ASSERT_LT(steps, kMostSteps);
      const std::string line = go(0);
      ASSERT_EQ(line.find("refused"), line.npos) << line;
    }
  }
  Run named(std::initializer_list<const char*> ops, const Run& run) {
    Run found;
    for (const std::string& line : run) {
      for (const char* op : ops) {
        if (line.find(std::string(" ") + op + " ") != line.npos) found.push_back(line);
      }
    }
    return found;
  }
};

TEST_F(ProgramThreadsTest, ACallOfAnyThreadIsAStepOfTheProcess) {
  python(
      "def work():\n"
      "  os.mkdir('/mnt/by_thread')\n"
      "t = threading.Thread(target=work)\n"
      "os.mkdir('/mnt/before'); t.start(); t.join(); os.mkdir('/mnt/after')");
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(begin(), "");
    const Run run = to_the_end();
    const Run expected = {R"(A mkdir cwd "before" 0777 -> 0)",
                          R"(A mkdir cwd "by_thread" 0777 -> 0)",
                          R"(A mkdir cwd "after" 0777 -> 0 failed)"};
    EXPECT_EQ(named({"mkdir"}, run), expected);
    EXPECT_EQ(run.back(), "A dies");
    EXPECT_EQ(WEXITSTATUS(world_.wait_status(0)), 0);
  }
}

// Which of them comes first would be the kernel's choice.
TEST_F(ProgramThreadsTest, TwoCallsAtOnceAreRefused) {
  python(
      "def work(name):\n"
      "  os.mkdir('/mnt/' + name)\n"
      "ts = [threading.Thread(target=work, args=(n,)) for n in 'ab']\n"
      "os.mkdir('/mnt/d')\n"
      "for t in ts: t.start()\n"
      "for t in ts: t.join()");
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  EXPECT_NE(run.back().find("makes two calls at once, by threads: 'mkdir cwd \"a\" 0777' and "
                            "'mkdir cwd \"b\" 0777'"),
            std::string::npos)
      << run.back();
}

// By the clock that it was told of, and not by the host's.
TEST_F(ProgramThreadsTest, AThreadThatWaitsForATimeSleeps) {
  python(
      "def work():\n"
      "  threading.Event().wait(5); os.mkdir('/mnt/late')\n"
      "threading.Thread(target=work, daemon=True).start(); os.mkdir('/mnt/d')");
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  const Run expected = {R"(A mkdir cwd "d" 0777 -> 0 failed)"};
  EXPECT_EQ(named({"mkdir"}, run), expected);
  EXPECT_EQ(run.back(), "A dies");
}

TEST_F(ProgramThreadsTest, WhoWaitsForItselfForEverIsRefused) {
  python(
      "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
      "os.mkdir('/mnt/d'); threading.Event().wait()");
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  EXPECT_NE(run.back().find("has threads that wait for one another"), std::string::npos)
      << run.back();
}

TEST_F(ProgramThreadsTest, AllThreadsDieWithTheirProcess) {
  for (const int signal : {SIGKILL, SIGTERM}) {
    start_.cast.clear();
    python(
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "os.mkdir('/mnt/d'); os.mkdir('/mnt/e')");
    ASSERT_EQ(begin(), "");
    until(Op::kMkdirat);
    go(0);
    until(Op::kMkdirat);
    ASSERT_TRUE(world_.inject(Fault::kSignal, 0, signal));
    while (world_.can_step_death(0)) world_.step_death(0);
    EXPECT_EQ(world_.state(0), ProcessState::kGone);
    EXPECT_EQ(WTERMSIG(world_.wait_status(0)), signal);
    EXPECT_TRUE(world_.file("e") == std::nullopt);
  }
}

// By the loop that a runtime has for them: it waits for input, and for a time. Threads of its own
// may have timers, too, which are due earlier.
TEST_F(ProgramThreadsTest, TimersOfARuntimeTakeTheTimeOfTheRun) {
  node("fs.mkdirSync('/mnt/a'); setTimeout(() => fs.mkdirSync('/mnt/b'), 3600e3)");
  ASSERT_EQ(begin(), "");
  until(Op::kSleep);
  EXPECT_TRUE(go(0).ends_with("-> waits"));
  EXPECT_FALSE(can_go(0));
  Run run;
  while (named({"mkdir"}, run).empty() && run.size() < kMostSteps) {
    ASSERT_TRUE(world_.inject(Fault::kTime, 0, 0));
    EXPECT_TRUE(can_go(0));
    const Run until_it_waits = to_the_end();
    run.insert(run.end(), until_it_waits.begin(), until_it_waits.end());
  }
  const Run expected = {R"(A mkdir cwd "b" 0777 -> 0 failed)"};
  EXPECT_EQ(named({"mkdir"}, run), expected);
}

TEST_F(ProgramThreadsTest, AHandlerRunsWhereARuntimeWaits) {
  node(
      "fs.mkdirSync('/mnt/a'); setTimeout(() => 0, 3600e3);"
      "process.on('SIGTERM', () => { fs.mkdirSync('/mnt/term'); process.exit(3); })");
  ASSERT_EQ(begin(), "");
  until(Op::kSleep);
  go(0);
  EXPECT_FALSE(can_go(0));
  ASSERT_TRUE(world_.inject(Fault::kSignal, 0, SIGTERM));
  EXPECT_TRUE(can_go(0));
  const Run expected = {R"(A mkdir cwd "term" 0777 -> 0 failed)"};
  EXPECT_EQ(named({"mkdir"}, to_the_end()), expected);
  EXPECT_EQ(WEXITSTATUS(world_.wait_status(0)), 3);
}

// Each is made by another thread of a pool, whichever is free.
TEST_F(ProgramThreadsTest, CallsOfAPoolAreTheSameEachTime) {
  node(
      "(async () => { for (const name of ['a', 'b', 'c']) await fs.promises.mkdir('/mnt/' + name);"
      "console.log('acquired'); fs.readSync(0, Buffer.alloc(1)); fs.rmdirSync('/mnt/a'); })()");
  Run first;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(begin(), "");
    const Run run = to_the_end();
    if (first.empty()) first = run;
    EXPECT_EQ(run, first);
  }
  const Run expected = {R"(A mkdir cwd "a" 0777 -> 0)", R"(A mkdir cwd "b" 0777 -> 0)",
                        R"(A mkdir cwd "c" 0777 -> 0 owns)", R"(A hold -> 0 gives_up)",
                        R"(A unlink cwd "a" AT_REMOVEDIR -> 0)"};
  EXPECT_EQ(named({"mkdir", "hold", "unlink"}, first), expected);
}

}  // namespace
}  // namespace lockproof
