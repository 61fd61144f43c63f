// SPDX-License-Identifier: Apache-2.0
#include "trace/checkpoint.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "trace/call_filter.h"

namespace lockproof {
namespace {

// Adds up what two calls return, and ends with the sum.
[[noreturn]] void add() {
  const long first = ::syscall(SYS_getppid);
  ::_exit(static_cast<int>(1 + first + ::syscall(SYS_geteuid)));
}

StoppedTracee before_call(RunningTracee running) {
  Stop stop = std::move(running).wait();
  return std::move(std::get<BeforeCall>(stop).tracee);
}

// Before its first call.
StoppedTracee start(void (*life)()) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!install_call_filter()) ::_exit(99);
    while (::syscall(static_cast<long>(OwnCall::kReady)) != 0) ::sched_yield();
    life();
  }
  auto seized = seize(pid);
  EXPECT_TRUE(seized.ok()) << seized.error().sentence;
  return before_call(before_call(std::move(*seized)).answer(0));
}

int end_of(RunningTracee running) {
  Stop stop = std::move(running).wait();
  return WEXITSTATUS(std::get<HasEnded>(stop).status);
}

TEST(Checkpoint, EachCopyGoesItsOwnWayFromWhereItWasMade) {
  auto first = copy(start(&add));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->copy.call().number, SYS_getppid);
  EXPECT_NE(first->copy.pid(), first->original.pid());
  StoppedTracee later = before_call(std::move(first->copy).answer(10));
  auto second = copy(std::move(later));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->copy.call().number, SYS_geteuid);
  EXPECT_EQ(end_of(before_call(std::move(second->copy).answer(100)).go_on()), 111);
  EXPECT_EQ(end_of(before_call(std::move(second->original).answer(50)).go_on()), 61);
  EXPECT_EQ(first->original.call().number, SYS_getppid) << "which has not moved";
  StoppedTracee other = before_call(std::move(first->original).answer(20));
  EXPECT_EQ(end_of(before_call(std::move(other).answer(5)).go_on()), 26);
}

TEST(Checkpoint, WhoIsEndedIsGone) {
  StoppedTracee at = start(&add);
  const pid_t pid = at.pid();
  end(std::move(at));
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG | __WALL), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Checkpoint, WhoStandsBehindACallEndsBeforeItsNextOne) {
  StoppedTracee at = start([] {
    for (;;) ::syscall(SYS_getppid);
  });
  const pid_t pid = at.pid();
  Stop stop = std::move(at).make_call().wait();
  end(std::move(std::get<BehindCall>(stop).tracee));
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG | __WALL), -1);
}

// Where libc keeps the pid of the thread: who locks such a mutex writes it there.
pid_t pid_as_libc_knows_it() {
  pthread_mutex_t mutex = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
  ::pthread_mutex_lock(&mutex);
  return mutex.__data.__owner;
}

StoppedTracee back_to(StoppedTracee tracee, const KernelCall& call) {
  return before_call(std::move(tracee).go_back_to(call));
}

TEST(OriginalTest, IsCopiedAgainAndAgainAndGoesOnWhenItIsReleased) {
  Original original = Original::keep_own(start(&add));
  EXPECT_EQ(original.call().number, SYS_getppid);
  for (int i = 0; i < 3; ++i) {
    auto copied = original.copy({});
    ASSERT_TRUE(copied.ok()) << copied.error().sentence;
    StoppedTracee at = back_to(std::move(*copied), original.call());
    EXPECT_EQ(at.call().number, SYS_getppid);
    at = before_call(std::move(at).answer(10 * i));
    EXPECT_EQ(end_of(before_call(std::move(at).answer(5)).go_on()), 1 + 10 * i + 5);
  }
  auto last = original.copy({});
  ASSERT_TRUE(last.ok());
  StoppedTracee behind = before_call(std::move(*last).begin_behind(original.call(), 50));
  EXPECT_EQ(end_of(before_call(std::move(behind).answer(5)).go_on()), 56);
  auto released = std::move(original).release();
  ASSERT_TRUE(released);
  StoppedTracee later = before_call(std::move(*released).answer(20));
  EXPECT_EQ(end_of(before_call(std::move(later).answer(5)).go_on()), 26);
}

TEST(OriginalTest, ACopyFindsItsOwnPidWhereLibcKeepsIt) {
  StoppedTracee at = start([] {
    ::syscall(SYS_getppid);
    ::_exit(pid_as_libc_knows_it() == ::syscall(SYS_getpid) ? 0 : 1);
  });
  auto original = Original::keep(at);
  ASSERT_TRUE(original.ok()) << original.error().sentence;
  auto second = original->second({});
  ASSERT_TRUE(second.ok()) << second.error().sentence;
  auto copied = second->copy({});
  ASSERT_TRUE(copied.ok());
  StoppedTracee asks = before_call(back_to(std::move(*copied), second->call()).answer(0));
  EXPECT_EQ(asks.call().number, SYS_getpid);
  EXPECT_EQ(end_of(before_call(std::move(asks).go_on()).go_on()), 0);
  end(*std::move(*second).release());
  end(*std::move(*original).release());
}

TEST(OriginalTest, WhoKeepsItsPidElsewhereIsNotCopiedAndStandsWhereItDid) {
  StoppedTracee at = start([] {
    static int elsewhere = 0;
    ::syscall(SYS_set_tid_address, &elsewhere);
    ::syscall(SYS_geteuid);
    ::_exit(3);
  });
  ASSERT_EQ(at.call().number, SYS_set_tid_address);
  at = before_call(std::move(at).go_on());
  const auto original = Original::keep(at);
  ASSERT_FALSE(original.ok());
  EXPECT_EQ(original.error().sentence, "keeps its pid where nobody knows");
  EXPECT_EQ(at.call().number, SYS_geteuid);
  EXPECT_EQ(end_of(before_call(std::move(at).go_on()).go_on()), 3);
}

TEST(OriginalTest, APidThatSomebodyHasIsRefusedByName) {
  Original original = Original::keep_own(start(&add));
  const pid_t taken = original.pid();
  const auto copied = original.copy({&taken, 1});
  ASSERT_FALSE(copied.ok());
  EXPECT_TRUE(copied.error().sentence.starts_with("clone3 with a pid that was chosen: "));
  auto again = original.copy({});
  ASSERT_TRUE(again.ok()) << "it stands as before";
  end(std::move(*again));
  end(*std::move(original).release());
}

}  // namespace
}  // namespace lockproof
