// SPDX-License-Identifier: Apache-2.0
#include "program/native.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace lockproof {
namespace {

// A lock file made with O_EXCL: who makes it owns.
void exclusive(Session& session) {
  session.claims();
  const int fd = session.sys().openat(AT_FDCWD, "lock", O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (fd < 0) return session.busy();
  session.owns();
  session.hold();
  session.gives_up();
  session.sys().unlinkat(AT_FDCWD, "lock", 0);
  session.sys().close(fd);
  session.released();
}

std::vector<Said> said(const Program& program, Node node) {
  const auto span = program.said(node);
  return {span.begin(), span.end()};
}

TEST(NativeProgram, IsAFunctionOfItsAnswers) {
  Texts texts;
  NativeProgram program(exclusive, "/run", texts);
  EXPECT_EQ(format(program.call(0), texts), "open cwd \"lock\" O_WRONLY|O_CREAT|O_EXCL 0600");
  EXPECT_EQ(said(program, 0), std::vector<Said>{{Kind::kClaim}});

  const Node owner = *program.next(0, done(3));
  EXPECT_EQ(said(program, owner), std::vector<Said>{{Kind::kOwns}});
  EXPECT_EQ(program.call(owner).op, Op::kHold);

  const Node loser = *program.next(0, fail(EEXIST));
  EXPECT_EQ(said(program, loser), std::vector<Said>{{Kind::kBusy}});
  EXPECT_EQ(program.call(loser).op, Op::kExit);

  const Node unlinking = *program.next(owner, done(0));
  EXPECT_EQ(said(program, unlinking), std::vector<Said>{{Kind::kGivesUp}});
  EXPECT_EQ(format(program.call(unlinking), texts), "unlink cwd \"lock\" 0");
}

TEST(NativeProgram, RunsItsCodeOnlyForWhatNobodyHasAsked) {
  Texts texts;
  NativeProgram program(exclusive, "/run", texts);
  EXPECT_EQ(program.runs(), 1u);
  const Node owner = *program.next(0, done(3));
  const Node unlinking = *program.next(owner, done(0));
  EXPECT_EQ(program.runs(), 1u) << "the fiber stood where it was wanted";
  EXPECT_EQ(*program.next(0, done(3)), owner);
  EXPECT_EQ(*program.next(owner, done(0)), unlinking);
  EXPECT_EQ(program.runs(), 1u) << "all of that was known";
  const Node loser = *program.next(0, fail(EEXIST));
  EXPECT_EQ(program.runs(), 2u)
      << "another answer at a node that was left: once more from the beginning";
  EXPECT_NE(loser, owner);
  ASSERT_TRUE(program.next(unlinking, done(0)).ok());
  EXPECT_EQ(program.runs(), 3u);
}

TEST(NativeProgram, ForkIsACallWithTwoAnswers) {
  Texts texts;
  NativeProgram program(
      [](Session& session) {
        if (session.sys().fork() == 0) session.sys().exit(7);
        session.sys().getppid();
      },
      "/run", texts);
  EXPECT_EQ(program.call(0).op, Op::kFork);
  const Node parent = *program.next(0, done(1001));
  const Node child = *program.next(0, done(0));
  EXPECT_EQ(program.call(parent).op, Op::kGetppid);
  EXPECT_EQ(format(program.call(child), texts), "exit 7");
}

TEST(NativeProgram, ReadsWhatItIsAnswered) {
  Texts texts;
  std::string seen;
  NativeProgram program(
      [&seen](Session& session) {
        char buffer[8] = "xxxxxxx";
        const ssize_t size = session.sys().read(4, buffer, 5);
        struct stat info {};
        session.sys().fstat(4, &info);
        seen =
            std::string(buffer, static_cast<std::size_t>(size)) + " " + std::to_string(info.st_ino);
      },
      "/run", texts);
  Answer bytes = done(3);
  bytes.text = texts.intern("812");
  Answer info = done(0);
  info.ino = 9;
  const Node stat = *program.next(0, bytes);
  EXPECT_EQ(program.call(*program.next(stat, info)).op, Op::kExit);
  EXPECT_EQ(seen, "812 9");
}

// What a run holds when it is abandoned is given back, by destructors that close.
TEST(NativeProgram, AnAbandonedRunUnwinds) {
  struct Closer {
    solo::port::Sys& sys;
    int& alive;
    ~Closer() {
      sys.close(3);
      --alive;
    }
  };
  int alive = 0;
  {
    Texts texts;
    NativeProgram program(
        [&alive](Session& session) {
          ++alive;
          const Closer closer{session.sys(), alive};
          session.sys().getpid();
          session.sys().getppid();
        },
        "/run", texts);
    ASSERT_TRUE(program.next(0, done(1000)).ok());
    ASSERT_TRUE(program.next(0, done(1001)).ok());  // leads a new run there, and abandons the first
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

// The run is abandoned while it waits in a destructor's close: nothing may be thrown there.
TEST(NativeProgram, ARunCanBeAbandonedInADestructor) {
  struct Closer {
    solo::port::Sys& sys;
    ~Closer() { sys.close(3); }
  };
  Texts texts;
  NativeProgram program(
      [](Session& session) {
        { const Closer closer{session.sys()}; }
        session.sys().getpid();
      },
      "/run", texts);
  EXPECT_EQ(program.call(0).op, Op::kClose);
}

// Tries until it gets in; how often it sleeps is not remembered.
void try_again(Session& session) {
  session.claims();
  for (;;) {
    session.repeats();
    if (session.sys().mkdirat(AT_FDCWD, "lock", 0700) == 0) break;
    session.sys().sleep(1'000'000);
  }
  session.owns();
}

TEST(NativeProgram, ALoopThatBeginsAnewIsOnePlace) {
  Texts texts;
  NativeProgram program(try_again, "/run", texts);
  const Node pause = *program.next(0, fail(EEXIST));
  EXPECT_EQ(format(program.call(pause), texts), "sleep 1000000");
  const Node again = *program.next(pause, done(0));
  EXPECT_NE(again, 0u) << "on the way to the first one it said that it claims";
  const Node second_pause = *program.next(again, fail(EEXIST));
  EXPECT_EQ(*program.next(second_pause, done(0)), again);
  EXPECT_EQ(*program.next(second_pause, fail(EINTR)), again) << "however the sleep ended";
  EXPECT_EQ(program.tree().size(), 4u);
  const Node owner = *program.next(again, done(0));
  EXPECT_EQ(said(program, owner), std::vector<Said>{{Kind::kOwns}});

  Texts other;
  const auto saved = Tree::parse(program.tree().text(texts), other);
  ASSERT_TRUE(saved.ok()) << saved.error().sentence;
  EXPECT_EQ(saved->find(second_pause, done(0)), again);
  EXPECT_EQ(saved->text(other), program.tree().text(texts));
}

TEST(NativeProgram, WhoRemembersTheRoundsIsFoundOut) {
  Texts texts;
  NativeProgram program(
      [](Session& session) {
        for (int round = 0; round < 10; ++round) {
          session.repeats();
          session.sys().getppid();
        }
        session.sys().setsid();
      },
      "/run", texts);
  const Node second = *program.next(0, done(1));
  const auto third = program.next(second, done(1));
  ASSERT_FALSE(third.ok());
  EXPECT_EQ(third.error().sentence,
            "the subject is not deterministic: after the same answers it asked 'getppid' once, and "
            "'setsid' later");
}

TEST(NativeProgram, WhatIsNotDeterministicIsFoundOut) {
  Texts texts;
  int runs = 0;
  NativeProgram program(
      [&runs](Session& session) {
        const bool first = runs++ == 0;
        session.sys().getpid();
        if (first) {
          session.sys().getppid();
        } else {
          session.sys().geteuid();
        }
        session.sys().setsid();
      },
      "/run", texts);
  const Node second = *program.next(0, done(1000));
  ASSERT_TRUE(program.next(second, done(1)).ok());
  const auto other = program.next(second, done(2));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().sentence,
            "the subject is not deterministic: after the same answers it asked 'getppid' once, and "
            "'geteuid' later");
  EXPECT_FALSE(program.next(0, done(1001)).ok()) << "nothing is claimed about it any more";
}

}  // namespace
}  // namespace lockproof
