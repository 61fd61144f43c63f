// SPDX-License-Identifier: Apache-2.0
#include "trace/proc.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "core/fd.h"

namespace lockproof {
namespace {

TEST(Proc, DescriptorsAreWhatTheyAreOpenOn) {
  const Fd kept(::open("/dev/null", O_RDONLY));
  const Fd closed(::open("/dev/zero", O_WRONLY | O_CLOEXEC));
  const pid_t self = ::getpid();
  const std::vector<int> fds = open_descriptors(self);
  EXPECT_NE(std::find(fds.begin(), fds.end(), kept.get()), fds.end());
  EXPECT_EQ(what_is_open(self, kept.get()), "/dev/null");
  EXPECT_EQ(what_is_open(self, closed.get()), "/dev/zero");
  EXPECT_FALSE(closes_on_exec(self, kept.get()));
  EXPECT_TRUE(closes_on_exec(self, closed.get()));
  EXPECT_EQ(descriptor_info(self, kept.get(), "pos:"), std::vector<std::string>{"0"});
}

TEST(Proc, WhatIsNotThereIsNothing) {
  EXPECT_EQ(what_is_open(::getpid(), 4321), "");
  EXPECT_TRUE(descriptor_info(::getpid(), 4321, "pos:").empty());
  EXPECT_FALSE(closes_on_exec(::getpid(), 4321));
}

TEST(Proc, WhatIsMappedIsAFileOrNothing) {
  const auto address = reinterpret_cast<std::uint64_t>(&mapped_at);
  EXPECT_TRUE(mapped_at(::getpid(), address).ends_with("/trace_test"));
  int local = 0;
  EXPECT_EQ(mapped_at(::getpid(), reinterpret_cast<std::uint64_t>(&local)), "");
  EXPECT_EQ(mapped_at(::getpid(), 0), "");
}

TEST(Proc, SignalsAreBitsOfTheirNumbers) {
  const auto before = ::signal(SIGUSR2, SIG_IGN);
  const std::uint64_t bit = std::uint64_t{1} << (SIGUSR2 - 1);
  EXPECT_NE(signal_masks(::getpid()).ignored & bit, 0u);
  ::signal(SIGUSR2, [](int) {});
  EXPECT_NE(signal_masks(::getpid()).caught & bit, 0u);
  ::signal(SIGUSR2, before);
  EXPECT_EQ((signal_masks(::getpid()).caught | signal_masks(::getpid()).ignored) & bit, 0u);
}

TEST(Proc, AUmaskIsThatOfTheProcess) {
  const mode_t before = ::umask(0357);
  EXPECT_EQ(umask_of(::getpid()), 0357u);
  ::umask(before);
  EXPECT_EQ(umask_of(::getpid()), before);
}

}  // namespace
}  // namespace lockproof
