// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "sim/machine.h"

namespace lockproof::sim {
namespace {

class Sockets : public ::testing::Test {
 protected:
  // A socket in descriptor 3 of `who`.
  void open(std::uint8_t who, bool reuse) {
    EXPECT_EQ(m(who, "socket SOCK_CLOEXEC"), "3");
    if (reuse) {
      EXPECT_EQ(m(who, "reuse_address 3 1"), "0");
    }
  }

  Machine m;
  std::uint8_t a = m.start();
  std::uint8_t b = m.start();
};

TEST_F(Sockets, APortIsBoundOnce) {
  open(a, false);
  open(b, false);
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  EXPECT_EQ(m(b, "bind 3 4711"), "EADDRINUSE");
  EXPECT_EQ(m(b, "bind 3 4712"), "0");
  EXPECT_EQ(m(b, "bind 3 4713"), "EINVAL");
}

TEST_F(Sockets, BothMustAskForReuse) {
  open(a, true);
  open(b, false);
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  EXPECT_EQ(m(b, "bind 3 4711"), "EADDRINUSE");
}

TEST_F(Sockets, WithReuseBothBindAndOneListens) {
  open(a, true);
  open(b, true);
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  EXPECT_EQ(m(b, "bind 3 4711"), "0");
  EXPECT_EQ(m(b, "listen 3 0"), "0");
  EXPECT_EQ(m(a, "listen 3 0"), "EADDRINUSE");
  EXPECT_EQ(m(b, "close 3"), "0");
  EXPECT_EQ(m(a, "listen 3 0"), "0") << "it was still bound";
}

TEST_F(Sockets, NobodyBindsWhereSomebodyListens) {
  open(a, true);
  open(b, true);
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  EXPECT_EQ(m(a, "listen 3 0"), "0");
  EXPECT_EQ(m(b, "bind 3 4711"), "EADDRINUSE");
}

TEST_F(Sockets, AChildKeepsThePortOfItsParent) {
  open(a, false);
  open(b, false);
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  const std::uint8_t child = m.fork(a);
  send(m.kernel, a, SIGKILL);
  m.die_completely(a);
  EXPECT_EQ(m(b, "bind 3 4711"), "EADDRINUSE");
  EXPECT_EQ(m(child, "close 3"), "0");
  EXPECT_EQ(m(b, "bind 3 4711"), "0");
}

TEST_F(Sockets, ADeathThatFreesAPortIsNoticed) {
  open(a, false);
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  send(m.kernel, a, SIGKILL);
  EXPECT_FALSE(death_is_unnoticed(m.kernel, m.tables, a));
}

TEST_F(Sockets, ADeathWithASocketThatHasNoPortIsNot) {
  open(a, false);
  send(m.kernel, a, SIGKILL);
  EXPECT_TRUE(death_is_unnoticed(m.kernel, m.tables, a));
}

TEST_F(Sockets, ConnectAsksWhetherSomebodyListens) {
  open(a, false);
  open(b, false);
  EXPECT_EQ(m(b, "connect 3 4711"), "ECONNREFUSED");
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  EXPECT_EQ(m(b, "connect 3 4711"), "ECONNREFUSED");
  EXPECT_EQ(m(a, "listen 3 0"), "0");
  EXPECT_EQ(m(b, "connect 3 4711"), "0");
  EXPECT_EQ(m(b, "close 3"), "0");
  open(b, false);
  EXPECT_EQ(m(b, "connect 3 4711"), "refused backlog") << "the closed one is still in the queue";
}

TEST_F(Sockets, WhoListensWithoutBindIsInNobodysWay) {
  for (const std::uint8_t who : {a, b}) {
    open(who, false);
    EXPECT_EQ(m(who, "listen 3 1"), "0");
    EXPECT_EQ(m(who, "bind 3 4711"), "EINVAL");
  }
}

TEST_F(Sockets, WhatIsNotModelledIsRefused) {
  open(a, false);
  EXPECT_EQ(m(a, "bind 3 80"), "refused port");
  EXPECT_EQ(m(a, "bind 3 40000"), "refused port");
  EXPECT_EQ(m(a, "read 3 1"), "refused socket");
  EXPECT_EQ(m(a, "bind 3 4711"), "0");
  EXPECT_EQ(m(a, "reuse_address 3 1"), "refused socket");
  EXPECT_EQ(m(a, "connect 3 4711"), "refused socket");
  EXPECT_EQ(m(a, "listen 3 -1"), "refused backlog");
  EXPECT_EQ(m(a, "bind 0 4711"), "ENOTSOCK");
  EXPECT_EQ(m(a, "bind 9 4711"), "EBADF");
}

}  // namespace
}  // namespace lockproof::sim
