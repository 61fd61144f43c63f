// SPDX-License-Identifier: Apache-2.0
#include "program/call.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lockproof {
namespace {

constexpr const char* kCalls[] = {
    R"(open cwd "lock" O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC 0600)",
    R"(open 4 "a b" O_RDONLY 0)",
    R"(unlink 3 "d" AT_REMOVEDIR)",
    R"(rename cwd "a" 3 "b\"\\\x00\xff")",
    R"(symlink "target" cwd "s")",
    R"(write 3 "4711\x0a")",
    R"(flock 3 LOCK_EX|LOCK_NB)",
    R"(fcntl_lock 3 F_OFD_SETLK F_WRLCK 0 0)",
    R"(waitpid -1 WNOHANG)",
    R"(sigaction 15 handled)",
    R"(sigaction 15 restarted)",
    R"(poll 3 -1 -1 100)",
    R"(clock_gettime CLOCK_BOOTTIME)",
    R"(fork)",
    R"(hold)",
};

TEST(CallText, GoesBothWays) {
  Texts texts;
  for (const char* const line : kCalls) {
    const auto call = parse_call(line, texts);
    ASSERT_TRUE(call.ok()) << line << ": " << call.error().sentence;
    EXPECT_EQ(format(*call, texts), line);
  }
}

TEST(CallText, OfAnswersGoesBothWays) {
  Texts texts;
  for (const char* const line :
       {"0", "ENOENT", "5 \"4711\\x0a\"", "0 value=5 ino=2 uid=7 mode=0100644 nlink=1", "waits",
        "refused byte_range", "EINTR caught=16"}) {
    const auto answer = parse_answer(line, texts);
    ASSERT_TRUE(answer.ok()) << line << ": " << answer.error().sentence;
    EXPECT_EQ(format(*answer, texts), line);
  }
}

TEST(CallText, SaysWhatItDoesNotUnderstand) {
  Texts texts;
  EXPECT_EQ(parse_call("steal", texts).error().sentence, "expected the name of a call at word 1");
  EXPECT_EQ(parse_call("flock 3", texts).error().sentence, "expected 2 arguments of flock");
  EXPECT_EQ(parse_call("flock x LOCK_EX", texts).error().sentence,
            "not an argument of flock at word 2");
  EXPECT_FALSE(parse_call("flock 99999999999 LOCK_EX", texts).ok());
  EXPECT_FALSE(parse_call(R"(write 3 "open)", texts).ok());
  EXPECT_FALSE(parse_call(R"(write 3 "\x4")", texts).ok());
  EXPECT_FALSE(parse_answer("", texts).ok());
  EXPECT_FALSE(parse_answer("0 colour=3", texts).ok());
}

RC_GTEST_PROP(CallText, IsExactForAnyNumbersAndBytes,
              (const std::string& bytes, int fd, int flags)) {
  RC_PRE(bytes.size() < 100u);
  Texts texts;
  Call call;
  call.op = Op::kOpenat;
  call.fd = fd;
  call.flags = flags;
  call.text = texts.intern(bytes);
  const auto again = parse_call(format(call, texts), texts);
  RC_ASSERT(again.ok());
  RC_ASSERT(*again == call);
}

TEST(Ops, AreNamedBothWays) {
  for (int i = 0; i <= static_cast<int>(Op::kClockGettime); ++i) {
    const auto op = static_cast<Op>(i);
    EXPECT_EQ(op_named(name(op)), op);
  }
}

TEST(Texts, AreEqualWhenTheirNumbersAre) {
  Texts texts;
  const Text a = texts.intern("4711");
  EXPECT_EQ(texts.intern("4711"), a);
  EXPECT_NE(texts.intern("4712"), a);
  EXPECT_EQ(texts.intern(""), kEmptyText);
  EXPECT_EQ(texts[texts.overwrite(a, 6, texts.intern("x"))], std::string_view("4711\0\0x", 7));
  EXPECT_EQ(texts[texts.overwrite(a, 1, texts.intern("x"))], "4x11");
  EXPECT_EQ(texts[texts.slice(a, 1, 2)], "71");
  EXPECT_EQ(texts.slice(a, 4, 2), kEmptyText);
  EXPECT_EQ(texts[texts.resize(a, 2)], "47");
  EXPECT_EQ(texts.resize(texts.resize(a, 6), 4), a);
}

TEST(Texts, ThatAreTooLongAreNotKept) {
  Texts texts;
  EXPECT_EQ(texts.intern(std::string(Texts::kMaxBytes + 1, 'x')), kNoText);
  EXPECT_EQ(texts.overwrite(kEmptyText, Texts::kMaxBytes, texts.intern("x")), kNoText);
}

}  // namespace
}  // namespace lockproof
