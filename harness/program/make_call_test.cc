// SPDX-License-Identifier: Apache-2.0
#include "program/make_call.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "program/asking_sys.h"

namespace lockproof {
namespace {

// Each op of the port once, with an answer that only it can give.
constexpr const char* kAll[][2] = {
    {R"(open cwd "f" O_RDWR|O_CREAT 0600)", "3"},
    {R"(mkdir 3 "d" 0700)", "0"},
    {R"(unlink cwd "f" AT_REMOVEDIR)", "EIO"},
    {R"(rename 3 "a" 4 "b")", "0"},
    {R"(link 3 "a" 4 "b" 0)", "EEXIST"},
    {R"(symlink "to" cwd "f")", "0"},
    {R"(readlink cwd "f" 10)", R"(2 "to")"},
    {R"(stat cwd "f" AT_SYMLINK_NOFOLLOW)", "0 value=5 ino=2 uid=1 mode=0100600 nlink=1"},
    {"close 3", "0"},
    {"dup_above 3 10", "10"},
    {"read 3 100", R"(3 "a\x00b")"},
    {"pread 3 100 7", R"(1 "x")"},
    {R"(write 3 "abc")", "3"},
    {R"(pwrite 3 "abc" 7)", "3"},
    {"ftruncate 3 7", "0"},
    {"fchmod 3 0600", "0"},
    {"fsync 3", "EIO"},
    {"fstat 3", "0 value=5 ino=2 mode=0100600 nlink=1"},
    {"fstatfs 3", "0 value=16914836"},
    {"flock 3 LOCK_EX|LOCK_NB", "EAGAIN"},
    {"fcntl_lock 3 F_GETLK F_WRLCK 0 1", "0 value=1002 mode=01"},
    {"socket 0", "3"},
    {"reuse_address 3 1", "0"},
    {"bind 3 8080", "EADDRINUSE"},
    {"listen 3 5", "0"},
    {"connect 3 8080", "ECONNREFUSED"},
    {"getpid", "1001"},
    {"getppid", "1"},
    {"geteuid", "0"},
    {"fork", "1002"},
    {R"(exec "true")", "ENOENT"},
    {"waitpid -1 WNOHANG", "1002 value=256"},
    {"setsid", "1001"},
    {"set_parent_death_signal 15", "0"},
    {"kill 1002 15", "ESRCH"},
    {"pidfd_open 1002", "4"},
    {"pidfd_send_signal 4 0", "0"},
    {"signal_fd 16384", "5"},
    {"poll 5 4 -1 100", "1 value=256"},
    {"sleep 1000000", "EINTR"},
    {"clock_gettime CLOCK_BOOTTIME", "0 value=12000000005"},
};

// Not of the port.
constexpr const char* kOfOthers[] = {"access cwd \"lock\" 4", "dup 3 0",    "dup2 3 5 0",
                                     "close_on_exec 3 1",     "seek 3 0 2", "hold",
                                     "touch cwd \"lock\"",    "alarm 5"};

TEST(MakeCall, AsksWhatTheCallAsksAndGivesWhatIsAnswered) {
  Texts texts;
  for (const auto& [line, told] : kAll) {
    const auto call = parse_call(line, texts);
    const auto expected = parse_answer(told, texts);
    ASSERT_TRUE(call.ok()) << line;
    ASSERT_TRUE(expected.ok()) << told << ": " << expected.error().sentence;
    std::string asked;
    AskingSys sys(texts, [&](const Call& made) {
      asked = format(made, texts);
      return *expected;
    });
    const Answer answer = make_call(*call, texts, sys);
    EXPECT_EQ(asked, line);
    EXPECT_EQ(format(answer, texts), told) << line;
  }
}

TEST(MakeCall, EveryOpOfThePortIsThere) {
  Texts texts;
  std::vector<Op> left = {Op::kExit, Op::kSigaction};
  for (const char* const line : kOfOthers) left.push_back(parse_call(line, texts)->op);
  for (const auto& [line, told] : kAll) left.push_back(parse_call(line, texts)->op);
  std::sort(left.begin(), left.end());
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Op::kHold); ++i) {
    ASSERT_LT(i, left.size());
    EXPECT_EQ(left[i], static_cast<Op>(i));
  }
}

TEST(MakeCall, WhatIsNotOfThePortIsNotMade) {
  Texts texts;
  AskingSys sys(texts, [](const Call&) { return done(0); });
  for (const char* const line : kOfOthers) {
    EXPECT_EQ(make_call(*parse_call(line, texts), texts, sys), fail(ENOSYS)) << line;
  }
}

}  // namespace
}  // namespace lockproof
