// SPDX-License-Identifier: Apache-2.0
#include "trace/tracee.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "trace/call_filter.h"

namespace lockproof {
namespace {

char g_scratch[64];  // at the same address in a forked child

// A tracee of ours that runs `life`, from its first call on.
class TraceeTest : public testing::Test {
 protected:
  template <class Life>
  StoppedTracee start(Life life) {
    pid_ = ::fork();
    if (pid_ == 0) {
      if (!install_call_filter()) ::_exit(99);
      while (::syscall(static_cast<long>(OwnCall::kReady)) != 0) ::sched_yield();
      life();
      ::_exit(98);
    }
    auto seized = seize(pid_);
    EXPECT_TRUE(seized.ok()) << seized.error().sentence;
    StoppedTracee ready = before_call(std::move(*seized));
    EXPECT_EQ(ready.call().number, static_cast<long>(OwnCall::kReady));
    return before_call(std::move(ready).answer(0));
  }
  // What it becomes next; any other stop is a failure that ends the test program.
  static StoppedTracee before_call(RunningTracee running) {
    Stop stop = std::move(running).wait();
    return std::move(std::get<BeforeCall>(stop).tracee);
  }
  static StoppedTracee behind_call(RunningTracee running) {
    Stop stop = std::move(running).wait();
    return std::move(std::get<BehindCall>(stop).tracee);
  }
  static int end(RunningTracee running) {
    Stop stop = std::move(running).wait();
    return std::get<HasEnded>(stop).status;
  }
  void TearDown() override {
    if (pid_ > 1 && ::kill(pid_, SIGKILL) == 0) {
      int status = 0;
      while (::waitpid(pid_, &status, __WALL) == pid_ && WIFSTOPPED(status)) {
      }
    }
  }

  pid_t pid_ = -1;
};

TEST_F(TraceeTest, StandsBeforeACallThatItHasNotMade) {
  StoppedTracee at = start([] { ::syscall(SYS_kill, ::syscall(SYS_getpid), 0); });
  EXPECT_EQ(at.call().number, SYS_getpid);
  at = behind_call(std::move(at).make_call());
  EXPECT_EQ(at.result(), pid_);
  at = before_call(std::move(at).go_on());
  EXPECT_EQ(at.call().number, SYS_kill);
  EXPECT_EQ(at.call().arguments[0], static_cast<std::uint64_t>(pid_));
}

TEST_F(TraceeTest, ACallThatIsAnsweredIsNotMade) {
  StoppedTracee at = start([] { ::syscall(SYS_exit_group, ::syscall(SYS_getpid)); });
  at = before_call(std::move(at).answer(7));
  EXPECT_EQ(at.call().number, SYS_exit_group);
  EXPECT_EQ(end(std::move(at).go_on()), 7 << 8);
}

TEST_F(TraceeTest, ACallThatIsChangedIsAnotherOne) {
  StoppedTracee at = start([] { ::syscall(SYS_exit_group, ::syscall(SYS_getppid) == ::getpid()); });
  at.change({SYS_getpid, {}});
  at = behind_call(std::move(at).make_call());
  EXPECT_EQ(at.result(), pid_);
}

TEST_F(TraceeTest, AnInjectedCallComesBackToWhereItWas) {
  StoppedTracee at = start([] { ::syscall(SYS_close, 77); });
  auto injected = inject(std::move(at), {SYS_getpid, {}});
  ASSERT_TRUE(injected);
  EXPECT_EQ(injected->result, pid_);
  EXPECT_EQ(injected->tracee.call().number, SYS_close);
  EXPECT_EQ(injected->tracee.call().arguments[0], 77u);
  at = behind_call(std::move(injected->tracee).make_call());
  EXPECT_EQ(at.result(), -EBADF);
}

TEST_F(TraceeTest, AnInjectedCallIsMadeAgainAfterASignalThatCameFirst) {
  StoppedTracee at = start([] { ::syscall(SYS_close, 77); });
  ASSERT_EQ(::kill(pid_, SIGCHLD), 0) << "which is dropped, once it is told";
  auto injected = inject(std::move(at), {SYS_poll, {0, 0, 0}});
  ASSERT_TRUE(injected);
  EXPECT_EQ(injected->result, 0);
  EXPECT_EQ(injected->tracee.call().number, SYS_close);
}

TEST_F(TraceeTest, SignalsThatItBlocksArePendingUntilTheyAreTaken) {
  for (const bool to_its_thread : {false, true}) {
    StoppedTracee at = start([] {
      sigset_t some;
      ::sigemptyset(&some);
      ::sigaddset(&some, SIGUSR1);
      ::sigprocmask(SIG_BLOCK, &some, nullptr);
      ::syscall(SYS_getppid);
    });
    EXPECT_FALSE(at.has_pending_signals());
    EXPECT_EQ(at.blocked_signals(), 1u << (SIGUSR1 - 1));
    ASSERT_EQ(to_its_thread ? ::tgkill(pid_, pid_, SIGUSR1) : ::kill(pid_, SIGUSR1), 0);
    EXPECT_TRUE(at.has_pending_signals());
    TearDown();
  }
}

TEST_F(TraceeTest, ACallCanBeGoneBackTo) {
  StoppedTracee at = start([] { ::syscall(SYS_getppid); });
  const KernelCall call = at.call();
  at = behind_call(std::move(at).make_call());
  EXPECT_EQ(at.result(), ::getpid());
  at = before_call(std::move(at).go_back_to(call));
  EXPECT_EQ(at.call().number, SYS_getppid);
  at = behind_call(std::move(at).make_call());
  EXPECT_EQ(at.result(), ::getpid());
}

TEST_F(TraceeTest, ItsMemoryIsReadAndWritten) {
  StoppedTracee at = start([] {
    ::strcpy(g_scratch, "mine");
    ::syscall(SYS_getpid);
    ::syscall(SYS_exit_group, g_scratch[0]);
  });
  const auto address = reinterpret_cast<std::uint64_t>(g_scratch);
  EXPECT_EQ(at.read_text(address, sizeof g_scratch), "mine");
  EXPECT_EQ(at.read_text(address, 2), std::nullopt) << "it does not end there";
  EXPECT_EQ(at.read_text(8, 2), std::nullopt) << "nothing is there";
  EXPECT_TRUE(at.write(address, "yours", 6));
  at = before_call(std::move(at).answer(0));
  EXPECT_EQ(end(std::move(at).go_on()), 'y' << 8);
}

TEST_F(TraceeTest, AForkedChildIsATraceeToo) {
  StoppedTracee at = start([] {
    if (::syscall(SYS_fork) == 0) ::syscall(SYS_exit_group, 3);
    ::syscall(SYS_getpid);
  });
  Stop stop = std::move(at).make_call().wait();
  ASSERT_TRUE(std::holds_alternative<HasForked>(stop));
  auto& forked = std::get<HasForked>(stop);
  const pid_t child = forked.child;
  at = behind_call(std::move(forked.tracee).to_end_of_call());
  EXPECT_EQ(at.result(), child);
  Stop born = RunningTracee(child).wait();
  ASSERT_TRUE(std::holds_alternative<IsBorn>(born));
  StoppedTracee other = before_call(std::move(std::get<IsBorn>(born).tracee).go_on());
  EXPECT_EQ(other.call().number, SYS_exit_group);
  EXPECT_EQ(end(std::move(other).go_on()), 3 << 8);
}

TEST_F(TraceeTest, ASignalArrivesOnlyIfItIsPassedOn) {
  StoppedTracee at = start([] {
    ::syscall(SYS_getpid);
    ::syscall(SYS_getppid);
  });
  for (const bool passed : {false, true}) {
    ASSERT_EQ(::kill(pid_, SIGTERM), 0);
    Stop stop = std::move(at).answer(0).wait();
    ASSERT_TRUE(std::holds_alternative<GetsSignal>(stop));
    auto& gets = std::get<GetsSignal>(stop);
    EXPECT_EQ(gets.signal, SIGTERM);
    if (passed) {
      EXPECT_EQ(end(std::move(gets.tracee).go_on(SIGTERM)), SIGTERM);
      break;
    }
    at = before_call(std::move(gets.tracee).go_on());
    EXPECT_EQ(at.call().number, SYS_getppid);
  }
}

TEST_F(TraceeTest, WhoReadsATimeStampThatIsNotThereHasReadZero) {
  StoppedTracee at = start([] {
    ::syscall(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
    unsigned processor = 0;
    const std::uint64_t sum = __rdtsc() + __rdtscp(&processor);
    ::syscall(SYS_exit_group, 7 + sum + processor);
  });
  RunningTracee running = std::move(at).go_on();
  for (int i = 0; i < 2; ++i) {
    Stop stop = std::move(running).wait();
    auto* const gets = std::get_if<GetsSignal>(&stop);
    ASSERT_NE(gets, nullptr);
    EXPECT_EQ(gets->signal, SIGSEGV);
    ASSERT_TRUE(gets->tracee.has_read_time_stamp());
    EXPECT_FALSE(gets->tracee.has_read_time_stamp()) << "it stands behind";
    running = std::move(gets->tracee).go_on();
  }
  EXPECT_EQ(before_call(std::move(running)).call().arguments[0], 7u);
}

TEST_F(TraceeTest, WhoWasKilledMeanwhileHasEnded) {
  StoppedTracee at = start([] { ::syscall(SYS_getpid); });
  ASSERT_EQ(::kill(pid_, SIGKILL), 0);
  EXPECT_EQ(end(std::move(at).make_call()), SIGKILL);
}

// It can not even end by itself then.
TEST(CallFilter, WithoutATracerWhatItStopsFails) {
  auto* const failed = static_cast<std::atomic<int>*>(::mmap(nullptr, sizeof(std::atomic<int>),
                                                             PROT_READ | PROT_WRITE,
                                                             MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(failed, MAP_FAILED);
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!install_call_filter()) ::_exit(1);
    *failed = ::syscall(SYS_getppid) == -1 ? errno : -1;
    for (;;) ::sched_yield();
  }
  while (*failed == 0 && ::waitpid(pid, nullptr, WNOHANG) == 0) ::sched_yield();
  EXPECT_EQ(*failed, ENOSYS);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  ::munmap(failed, sizeof *failed);
}

}  // namespace
}  // namespace lockproof
