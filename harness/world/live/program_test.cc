// SPDX-License-Identifier: Apache-2.0
// Programs of somebody else in the live world: which of their calls are steps, what is refused, and
// that they do the same each time.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "live/program_run.h"

namespace lockproof {
namespace {

constexpr int kPatienceMs = 300;  // of the tests that use it up

TEST_F(ProgramTest, FlockIsTheseCalls) {
  add({"flock", "-n", "/mnt/lock", owner_});
  ASSERT_EQ(begin(), "");
  const Run expected = {
      R"(A open cwd "lock" O_RDONLY|O_CREAT|O_NOCTTY 0666 -> 3)",
      "A flock 3 LOCK_EX|LOCK_NB -> 0",
      "A fork -> 1002",
      "B hold -> 0 gives_up released",
      "B exit 0 -> 0",
      "B dies",
      "B dies",
      "A waitpid 1002 0 -> 1002",
      "A exit 0 -> 0",
      "A dies",
      "A dies",
      "A dies",
  };
  EXPECT_EQ(to_the_end(), expected);
}

// It executes the command in place of itself.
TEST_F(ProgramTest, SetlockBecomesTheOwner) {
  add({"setlock", "-n", "/mnt/lock", owner_});
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  ASSERT_GE(run.size(), 3u);
  EXPECT_TRUE(run[1].starts_with("A flock ")) << run[1];
  EXPECT_TRUE(run[1].ends_with("-> 0 owns")) << run[1];
  EXPECT_EQ(run[2], "A hold -> 0 gives_up released");
}

TEST_F(ProgramTest, WhoLosesSaysSoByItsExit) {
  add({"flock", "-n", "/mnt/lock", owner_});
  add({"flock", "-n", "/mnt/lock", owner_});
  ASSERT_EQ(begin(), "");
  EXPECT_EQ(world_.said(1).front().kind, Kind::kClaim);
  for (int i = 0; i < 2; ++i) go(0);
  EXPECT_TRUE(go(1).starts_with("B open "));
  EXPECT_EQ(go(1), "B flock 3 LOCK_EX|LOCK_NB -> EAGAIN busy");
  EXPECT_EQ(go(1), "B exit 1 -> 0");
}

// Subshells, redirections, a loop over lines, an external command, SIGCHLD with a handler.
constexpr const char* kScript =
    "set -C; (echo $$ >/mnt/pid) 2>/dev/null || { read p </mnt/pid; kill -0 $p && exit 1; }; "
    "\"$@\"; rm -f /mnt/pid";

TEST_F(ProgramTest, AScriptDoesTheSameEachTime) {
  shell(kScript);
  Run first;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(begin(), "");
    const Run run = to_the_end();
    if (first.empty()) first = run;
    EXPECT_EQ(run, first);
  }
  const auto has = [&](const std::string& line) {
    return std::find(first.begin(), first.end(), line) != first.end();
  };
  EXPECT_TRUE(has(R"(B open cwd "pid" O_WRONLY|O_CREAT|O_EXCL 0666 -> 3)"));
  EXPECT_TRUE(has(R"(B write 4 "1001\x0a" -> 5)"));
  EXPECT_TRUE(has(R"(D unlink cwd "pid" 0 -> 0)"));
  EXPECT_EQ(first.back(), "A dies");
  EXPECT_FALSE(world_.file("pid"));
}

// As vfork(2) has it: not before the child has executed, or ended.
TEST_F(ProgramTest, WhoMadeAChildByVforkWaitsForItsExec) {
  add({"/usr/bin/python3", "-I", "-S", "-c",
       "import os; os.posix_spawn('/bin/true', ['true'], {}, file_actions="
       "[(os.POSIX_SPAWN_OPEN, 1, '/mnt/f', os.O_WRONLY | os.O_CREAT, 0o600)]); "
       "os.mkdir('/mnt/d')"});
  ASSERT_EQ(begin(), "");
  begin_runtime();
  EXPECT_EQ(go(0), "A fork -> 1002");
  while (world_.pending(1).op != Op::kExit) {
    EXPECT_FALSE(can_go(0));
    EXPECT_EQ(go(1).substr(0, 2), "B ");
  }
  EXPECT_TRUE(can_go(0));
  EXPECT_TRUE(go(0).starts_with("A mkdir")) << "and not before";
}

TEST_F(ProgramTest, WordsOfAWorkerSayWhatItIs) {
  add({"/bin/dash", "-c", ": >/mnt/f; echo acquired; read x; rm /mnt/f; echo released"},
      Command::Hears::kWords);
  ASSERT_EQ(begin(), "");
  Run run = to_the_end();
  ASSERT_GE(run.size(), 5u);
  const auto said = [&](const std::string& what) {
    return std::find_if(run.begin(), run.end(),
                        [&](const std::string& line) { return line.ends_with(what); });
  };
  ASSERT_NE(said(" owns"), run.end());
  EXPECT_EQ(*(said(" owns") + 1), "A hold -> 0 gives_up");
  EXPECT_LT(said(" owns"), said(" gives_up"));
  EXPECT_LT(said(" gives_up"), said(" released"));
}

TEST_F(ProgramTest, ADaemonOwnsFromItsRestToItsSigterm) {
  daemon("fork and exit; $SIG{TERM} = sub {}; sleep; mkdir '/mnt/d'", "perl -e fork");
  ASSERT_EQ(begin(), "");
  EXPECT_EQ(go(0), "A fork -> 1002");
  EXPECT_EQ(go(0), "A exit 0 -> 0") << "that it failed is not said: its child may own";
  EXPECT_EQ(go(1), "B sigaction 15 handled -> 0");
  EXPECT_EQ(go(1), "B clock_gettime CLOCK_REALTIME -> 0 owns");
  EXPECT_EQ(format(world_.pending(1), texts_), "poll -1 -1 -1 -1");
  EXPECT_FALSE(can_go(1));
  ASSERT_TRUE(world_.inject(Fault::kSignal, 1, SIGTERM));
  EXPECT_EQ(go(1), "B poll -1 -1 -1 -1 -> EINTR caught=16 gives_up");
}

TEST_F(ProgramTest, ADaemonAtRestIsKilledAsAnybody) {
  daemon("mkdir '/mnt/d'; sleep", "perl");
  ASSERT_EQ(begin(), "");
  go(0);
  EXPECT_EQ(go(0), "A clock_gettime CLOCK_REALTIME -> 0 owns");
  ASSERT_TRUE(world_.inject(Fault::kSignal, 0, SIGTERM));
  to_the_end();
  EXPECT_EQ(WTERMSIG(world_.wait_status(0)), SIGTERM);
}

TEST_F(ProgramTest, WhoRestsAtOnceIsRefused) {
  daemon("$SIG{TERM} = sub {}; sleep", "perl");
  EXPECT_EQ(begin(), "");
  EXPECT_NE(go(0).find("comes to rest before any call that others could notice"),
            std::string::npos);
}

TEST_F(ProgramTest, AHandlerRunsWhereTheProgramStands) {
  shell("trap 'echo term >/mnt/term; exit 3' TERM; sleep 100");
  ASSERT_EQ(begin(), "");
  begin_runtime();
  EXPECT_EQ(go(0), "A fork -> 1002");
  begin_runtime(1);
  EXPECT_TRUE(go(1).starts_with("B sleep ")) << "and it is not over";
  EXPECT_FALSE(can_go(0));
  EXPECT_TRUE(world_.inject(Fault::kSignal, 0, SIGTERM));
  EXPECT_TRUE(can_go(0));
  EXPECT_EQ(go(0), "A waitpid -1 0 -> EINTR caught=16");
  EXPECT_FALSE(can_go(0));  // a shell goes on waiting, and then does what is trapped
  EXPECT_TRUE(world_.inject(Fault::kTime, 1, 0));
  to_the_end();
  ASSERT_TRUE(world_.file("term"));
  EXPECT_EQ(WEXITSTATUS(world_.wait_status(0)), 3);
}

TEST_F(ProgramTest, AHandlerWithRestartMakesTheSameCallComeAgain) {
  add({"/usr/bin/perl", "-MPOSIX", "-e",
       "sigaction(SIGTERM, POSIX::SigAction->new(sub {}, POSIX::SigSet->new, SA_RESTART)); "
       "if (!fork) { sleep 100; _exit(0) } wait; open F, '>', '/mnt/f'"});
  ASSERT_EQ(begin(), "");
  begin_runtime();
  EXPECT_EQ(go(0), "A fork -> 1002");
  EXPECT_FALSE(can_go(0));
  EXPECT_TRUE(world_.inject(Fault::kSignal, 0, SIGTERM));
  EXPECT_EQ(go(0), "A waitpid -1 0 -> ERESTARTSYS caught=16");
  EXPECT_EQ(world_.pending(0).op, Op::kWaitpid);
  EXPECT_FALSE(can_go(0));
  ASSERT_TRUE(world_.inject(Fault::kSignal, 1, SIGKILL));
  to_the_end();
  EXPECT_TRUE(world_.file("f"));
}

TEST_F(ProgramTest, WhoIgnoresASignalGoesOn) {
  shell("trap '' TERM; : >/mnt/f; exit 7");
  ASSERT_EQ(begin(), "");
  begin_runtime();
  ASSERT_TRUE(world_.inject(Fault::kSignal, 0, SIGTERM));
  EXPECT_TRUE(can_go(0));
  to_the_end();
  EXPECT_TRUE(world_.file("f"));
  EXPECT_EQ(WEXITSTATUS(world_.wait_status(0)), 7);
}

TEST_F(ProgramTest, SleepTakesTheTimeOfTheRun) {
  shell("exec sleep 3600");
  ASSERT_EQ(begin(), "");
  begin_runtime();
  EXPECT_EQ(go(0), "A sleep 3600000000000 -> waits");
  EXPECT_FALSE(can_go(0));
  ASSERT_TRUE(world_.inject(Fault::kTime, 0, 0));
  EXPECT_EQ(go(0), "A sleep 3600000000000 -> 0 failed");
}

TEST_F(ProgramTest, NoFileIsEverOld) {
  add({"/usr/bin/perl", "-e", "mkdir('/mnt/d'); exit(-M '/mnt/d' < 0 ? 7 : 8)"});
  ASSERT_EQ(begin(), "");
  to_the_end();
  EXPECT_EQ(WEXITSTATUS(world_.wait_status(0)), 7);
}

// A handler of the shell's ends there, whatever the program that begins there does with its own.
TEST_F(ProgramTest, AnExecThatEndsAHandlerIsAStep) {
  shell("trap : TERM; exec flock -n /mnt/lock \"$@\"");
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  const auto exec = std::find_if(
      run.begin(), run.end(), [](const std::string& line) { return line.starts_with("A exec "); });
  ASSERT_LT(exec + 1, run.end());
  EXPECT_TRUE(exec->ends_with("flock\" -> 0")) << *exec;
  EXPECT_TRUE((exec + 1)->starts_with("A open ")) << *(exec + 1);
}

// However late it comes to its first step that others can notice.
TEST_F(ProgramTest, WhoHasNotBegunReadsTheClockOfTheStart) {
  shell("exec sleep 3600");
  add({"/usr/bin/perl", "-e", "$SIG{TERM} = sub {}; mkdir('/mnt/' . time)"});
  ASSERT_EQ(begin(), "");
  begin_runtime();
  go(0);
  ASSERT_TRUE(world_.inject(Fault::kTime, 0, 0));
  go(0);
  EXPECT_EQ(go(1), "B sigaction 15 handled -> 0");
  const std::string late = go(1);
  EXPECT_TRUE(late.starts_with("B mkdir cwd ")) << late;
  ASSERT_EQ(begin(), "");
  go(1);
  EXPECT_EQ(go(1), late);
}

// That it owns must be seen.
TEST_F(ProgramTest, WhoHasJustSaidThatItOwnsAsksWhoItIsInAStep) {
  add({"/usr/bin/perl", "-e", "$| = 1; kill 0, $$; print \"acquired\\n\"; kill 0, $$; <STDIN>"},
      Command::Hears::kWords);
  ASSERT_EQ(begin(), "");
  const Run expected = {"A kill 1001 0 -> 0 owns", "A getpid -> 1001", "A kill 1001 0 -> 0"};
  Run run = to_the_end();
  run.resize(expected.size());
  EXPECT_EQ(run, expected);
}

TEST_F(ProgramTest, WhatIsPipedWaitsForWhoWritesIt) {
  shell("x=$(cat /mnt/f); echo \"$x$x\" >/mnt/g");
  start_.files = {{"f", "ab"}};
  ASSERT_EQ(begin(), "");
  begin_runtime();
  EXPECT_EQ(go(0), "A fork -> 1002");
  EXPECT_EQ(format(world_.pending(0), texts_), "other \"read a pipe\"");
  EXPECT_FALSE(can_go(0));
  to_the_end();
  EXPECT_EQ(world_.file("g")->content, "abab\n");
}

TEST_F(ProgramTest, TheRestOfTheHostIsReadOnly) {
  shell("(echo x >/tmp/lockproof_was_here) 2>/dev/null || echo kept >/mnt/f");
  ASSERT_EQ(begin(), "");
  to_the_end();
  EXPECT_EQ(world_.file("f")->content, "kept\n");
}

TEST_F(ProgramTest, WhatIsNotThereIsSaid) {
  add({"/nonexistent/program"});
  EXPECT_NE(begin().find("'/nonexistent/program' cannot be executed: No such file"),
            std::string::npos);
}

TEST_F(ProgramTest, WhatComputesForEverIsEnded) {
  shell("while :; do :; done", kPatienceMs);
  ASSERT_EQ(begin(), "");
  EXPECT_NE(begin_runtime().find("does not come to its next call within 300 ms"),
            std::string::npos);
  start_.cast.clear();
  shell(": >/mnt/f; while :; do :; done", kPatienceMs);
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  EXPECT_NE(run.back().find("does not come to its next call"), std::string::npos) << run.back();
}

TEST_F(ProgramTest, WhatForksForEverIsRefused) {
  shell("while :; do /bin/true & done");
  ASSERT_EQ(begin(), "");
  Run run;
  while (run.size() < kMostSteps) {
    run.push_back(go(0));
    if (run.back().find("refused") != std::string::npos) break;
  }
  EXPECT_NE(run.back().find("A fork -> refused processes"), std::string::npos) << run.back();
}

TEST_F(ProgramTest, WhatReachesFilesOtherwiseIsRefusedByName) {
  const std::pair<const char*, const char*> table[] = {
      {"import mmap,os; f=os.open('/mnt/f',os.O_RDWR|os.O_CREAT); os.ftruncate(f,9); "
       "mmap.mmap(f,9)",
       "makes the call mmap on a file of the run"},
      {"import os; f=os.open('/mnt/f',os.O_RDWR|os.O_CREAT); os.open('/proc/self/fd/%d'%f,0)",
       "makes the call openat \"/proc/self/fd/3\" on a file of the run"},
      {"import os; os.mkfifo('/mnt/f')", "makes the call mknodat"},
      {"import socket,os; os.mkdir('/mnt/d'); socket.socket()", "makes a socket"},
  };
  for (const auto& [code, why] : table) {
    start_.cast.clear();
    add({"/usr/bin/python3", "-I", "-S", "-c", code});
    const std::string refused = begin();
    const std::string last = refused.empty() ? to_the_end().back() : refused;
    EXPECT_NE(last.find(why), std::string::npos) << code << ": " << last;
  }
}

TEST_F(ProgramTest, WhoKillsItselfIsDead) {
  shell(": >/mnt/f; kill -SEGV $$");
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  EXPECT_NE(run.back().find("signal"), std::string::npos) << run.back();
}

TEST_F(ProgramTest, WhoHasCrashedIsAZombieLikeAnybodyElse) {
  add({"/usr/bin/python3", "-I", "-S", "-c",
       "import os, ctypes; os.mkdir('/mnt/d'); ctypes.string_at(0)"});
  shell("kill -0 1001; kill -0 1001");
  ASSERT_EQ(begin(), "");
  while (world_.state(0) == ProcessState::kReady) go(0);
  EXPECT_EQ(world_.state(0), ProcessState::kZombie);
  EXPECT_EQ(world_.wait_status(0) & 0x7f, SIGSEGV);
  begin_runtime(1);
  EXPECT_EQ(go(1), "B kill 1001 0 -> 0");
  EXPECT_EQ(go(0), "A dies");
  EXPECT_EQ(go(1), "B kill 1001 0 -> ESRCH busy");
}

TEST_F(ProgramTest, InitIsSomebodyElses) {
  add({"/usr/bin/perl", "-e", "kill $_, 1 for 0, 15; kill 0, 0; kill 15, 0"});
  ASSERT_EQ(begin(), "");
  begin_runtime(0);
  EXPECT_EQ(go(0), "A kill 1 0 -> EPERM");
  EXPECT_EQ(go(0), "A kill 1 15 -> EPERM");
  EXPECT_EQ(go(0), "A kill 0 0 -> 0");
  EXPECT_NE(go(0).find("it signals several at once"), std::string::npos);
}

TEST_F(ProgramTest, TheTimeStampCounterIsTheSameInEachRun) {
  add({"/usr/bin/python3", "-I", "-S", "-c",
       "import ctypes, mmap, os\n"
       "code = mmap.mmap(-1, 4096, flags=34, prot=7); code.write(b'\\x0f\\x31\\xc3')\n"
       "place = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
       "os.mkdir('/mnt/%d' % ctypes.CFUNCTYPE(ctypes.c_int)(place)())\n"});
  ASSERT_EQ(begin(), "");
  const Run run = to_the_end();
  EXPECT_NE(std::find(run.begin(), run.end(), R"(A mkdir cwd "0" 0777 -> 0)"), run.end())
      << testing::PrintToString(run);
}

}  // namespace
}  // namespace lockproof
