// SPDX-License-Identifier: Apache-2.0
#include "trace/memory_keeper.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace lockproof {
namespace {

constexpr int kPatienceMs = 20'000;  // a bound for the hopeless case only

struct Pipe {
  Pipe() {
    std::array<int, 2> fds{-1, -1};
    EXPECT_EQ(::pipe2(fds.data(), O_CLOEXEC), 0);
    read = Fd(fds[0]);
    write = Fd(fds[1]);
  }
  Fd read, write;
};

bool becomes_readable(const Fd& fd) {
  struct pollfd poll_fd {
    fd.get(), POLLIN, 0
  };
  return ::poll(&poll_fd, 1, kPatienceMs) == 1;
}

TEST(MemoryKeeper, has_the_callers_memory_and_no_copy_of_it) {
  volatile int value = 1;
  const MemoryKeeper keeper;
  value = 2;
  const std::string path = "/proc/" + std::to_string(keeper.pid()) + "/mem";
  const Fd memory(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  int seen = 0;
  ASSERT_EQ(::pread(memory.get(), &seen, sizeof seen, reinterpret_cast<off_t>(&value)),
            static_cast<ssize_t>(sizeof seen));
  EXPECT_EQ(seen, value);
}

TEST(MemoryKeeper, has_no_descriptors) {
  Pipe pipe;
  const MemoryKeeper keeper;
  pipe.write.reset();
  EXPECT_TRUE(becomes_readable(pipe.read)) << "somebody still has the other end";
}

TEST(MemoryKeeper, is_gone_after_its_scope_and_was_never_a_child_to_wait_for) {
  pid_t pid = -1;
  {
    const MemoryKeeper keeper;
    pid = keeper.pid();
    ASSERT_GT(pid, 1);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }
  EXPECT_EQ(::waitpid(pid, nullptr, __WALL), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(MemoryKeeper, dies_with_its_parent) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  Pipe pipe;
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    const MemoryKeeper keeper;
    const pid_t pid = keeper.pid();
    EXPECT_EQ(::write(pipe.write.get(), &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
    for (;;) ::pause();
  }
  pid_t keeper = -1;
  ASSERT_TRUE(becomes_readable(pipe.read));
  ASSERT_EQ(::read(pipe.read.get(), &keeper, sizeof keeper), static_cast<ssize_t>(sizeof keeper));
  ASSERT_GT(keeper, 1);
  const Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, keeper, 0)));
  ASSERT_EQ(::kill(parent, SIGKILL), 0);
  EXPECT_EQ(::waitpid(parent, nullptr, 0), parent);
  const bool ended = becomes_readable(pidfd);
  EXPECT_TRUE(ended);
  if (!ended) ::kill(keeper, SIGKILL);
  EXPECT_EQ(::waitpid(keeper, nullptr, __WALL), keeper);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

}  // namespace
}  // namespace lockproof
