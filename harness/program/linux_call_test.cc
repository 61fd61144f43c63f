// SPDX-License-Identifier: Apache-2.0
#include "program/linux_call.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "program/make_call.h"
#include "trace/call_filter.h"

namespace lockproof {
namespace {

// A child that makes these calls by the real port, and is stopped before each.
class LinuxCall : public testing::Test {
 protected:
  void begin(const std::vector<std::string>& lines) {
    std::vector<Call> calls;
    for (const std::string& line : lines) {
      const auto call = parse_call(line, texts_);
      ASSERT_TRUE(call.ok()) << line;
      calls.push_back(*call);
    }
    begin_with([&] {
      for (const Call& call : calls) make_call(call, texts_, solo::port::linux_sys());
    });
  }
  template <class Life>
  void begin_with(Life life) {
    pid_ = ::fork();
    if (pid_ == 0) {
      if (!install_call_filter()) ::_exit(99);
      while (::syscall(static_cast<long>(OwnCall::kReady)) != 0) ::sched_yield();
      life();
      ::_exit(98);
    }
    auto seized = seize(pid_);
    ASSERT_TRUE(seized.ok()) << seized.error().sentence;
    wait(std::move(*seized));
    wait(std::move(*at_).answer(0));
  }
  void wait(RunningTracee running) {
    Stop stop = std::move(running).wait();
    if (auto* before = std::get_if<BeforeCall>(&stop)) at_ = std::move(before->tracee);
    if (auto* behind = std::get_if<BehindCall>(&stop)) at_ = std::move(behind->tracee);
  }
  std::string asked() {
    const auto decoded = decode(*at_, texts_);
    if (const auto* unknown = std::get_if<UnknownCall>(&decoded)) return unknown->why;
    return format(std::get<Call>(decoded), texts_);
  }
  // Makes the call that it stands before, and goes on to the next one.
  std::string told() {
    const KernelCall raw = at_->call();
    const auto decoded = decode(*at_, texts_);
    wait(std::move(*at_).make_call());
    const Answer answer = answer_of(std::get<Call>(decoded), raw, *at_, texts_);
    wait(std::move(*at_).go_on());
    return format(answer, texts_);
  }
  void TearDown() override {
    if (pid_ <= 1 || ::kill(pid_, SIGKILL) != 0) return;
    int status = 0;
    while (::waitpid(pid_, &status, __WALL) == pid_ && WIFSTOPPED(status)) {
    }
  }

  Texts texts_;
  pid_t pid_ = -1;
  std::optional<StoppedTracee> at_;
};

TEST_F(LinuxCall, EachCallOfThePortIsDecodedToWhatWasAsked) {
  const std::vector<std::string> lines = {R"(open cwd "f" O_RDWR|O_CREAT 0600)",
                                          R"(open 77 "/home/f" O_RDONLY|O_CLOEXEC 0)",
                                          R"(mkdir 77 "d" 0700)",
                                          R"(unlink 77 "f" AT_REMOVEDIR)",
                                          R"(rename 77 "a" 78 "b")",
                                          R"(link 77 "a" 78 "b" 0)",
                                          R"(symlink "to" 77 "f")",
                                          R"(readlink 77 "f" 10)",
                                          R"(stat 77 "f" AT_SYMLINK_NOFOLLOW)",
                                          "close 77",
                                          "dup_above 77 10",
                                          "read 77 100",
                                          "pread 77 100 7",
                                          R"(write 77 "a\x00b")",
                                          R"(pwrite 77 "abc" 7)",
                                          "ftruncate 77 7",
                                          "fchmod 77 0600",
                                          "fsync 77",
                                          "fstat 77",
                                          "fstatfs 77",
                                          "flock 77 LOCK_EX|LOCK_NB",
                                          "fcntl_lock 77 F_OFD_SETLKW F_WRLCK 1 2",
                                          "socket SOCK_CLOEXEC",
                                          "reuse_address 77 1",
                                          "bind 77 8080",
                                          "listen 77 5",
                                          "connect 77 8080",
                                          "getpid",
                                          "getppid",
                                          "geteuid",
                                          "fork",
                                          "waitpid -1 WNOHANG",
                                          "setsid",
                                          "set_parent_death_signal 15",
                                          "kill 1002 15",
                                          "pidfd_open 1002",
                                          "pidfd_send_signal 77 0",
                                          "poll 77 78 -1 100",
                                          "sleep 1500000000",
                                          "exit 3"};
  begin(lines);
  for (const std::string& line : lines) {
    EXPECT_EQ(asked(), line);
    wait(std::move(*at_).answer(-EBADF));
  }
}

TEST_F(LinuxCall, AnAnswerIsReadWithWhatIsInMemory) {
  begin({R"(open cwd "/proc/self/comm" O_RDONLY 0)", "read 77 100", "pread 3 100 0", "close 3"});
  wait(std::move(*at_).make_call());
  const std::string opened = std::to_string(at_->result());
  wait(std::move(*at_).go_on());
  EXPECT_EQ(told(), "EBADF");
  KernelCall pread = at_->call();
  pread.arguments[0] = std::stoul(opened);
  at_->change(pread);
  EXPECT_EQ(told(), R"(13 "program_test\x0a")");
}

TEST_F(LinuxCall, AWaitAndALockQuerySayWhatTheyFound) {
  begin_with([] {
    auto& sys = solo::port::linux_sys();
    struct flock lock {};
    lock.l_type = F_WRLCK;
    sys.fcntl_lock(0, F_GETLK, &lock);
    struct stat info {};
    sys.fstat(0, &info);
  });
  const std::string query = told();
  EXPECT_TRUE(query == "0 mode=02" || query == "EBADF") << query;
  const std::string info = told();
  EXPECT_TRUE(info.starts_with("0 ") || info == "EBADF") << info;
}

TEST_F(LinuxCall, WhatACallCannotSayIsUnknown) {
  begin_with([] {
    ::syscall(SYS_sysinfo, nullptr);
    ::syscall(SYS_prctl, 77, 0, 0, 0, 0);
    struct flock from_the_end {};
    from_the_end.l_whence = SEEK_END;
    ::syscall(SYS_fcntl, 77, F_SETLK, &from_the_end);
    ::syscall(SYS_clone, CLONE_VM | SIGCHLD, nullptr, nullptr, nullptr, 0);
    ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, 0);
    ::syscall(SYS_openat, AT_FDCWD, 8, O_RDONLY, 0);
    ::syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, nullptr, nullptr);
  });
  for (const char* why : {"makes the call 99, which is not known",
                          "makes the call 157, which has an option that is not known",
                          "makes the call 72, which counts a lock from elsewhere",
                          "makes the call 56, which makes a process that shares with its parent",
                          "makes the call 56, which makes a process that is no plain child of it",
                          "makes the call 257, which has a path that cannot be read",
                          "makes the call 230, which sleeps by a clock"}) {
    EXPECT_EQ(asked(), why);
    wait(std::move(*at_).answer(-ENOSYS));
  }
}

}  // namespace
}  // namespace lockproof
