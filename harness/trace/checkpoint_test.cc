// SPDX-License-Identifier: Apache-2.0
#include "trace/checkpoint.h"

#include <gtest/gtest.h>
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

}  // namespace
}  // namespace lockproof
