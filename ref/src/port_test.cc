// SPDX-License-Identifier: Apache-2.0
// What the door to the kernel refuses by itself.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "port/sys.h"

namespace solo {
namespace {

// Signal 0 asks whether it would be allowed, and does no harm where this is broken.
TEST(Port, SignalsNoGroupNotEverybodyAndNotInit) {
  port::Sys& sys = port::linux_sys();
  for (const pid_t pid : {1, 0, -1, -::getpgrp()}) EXPECT_EQ(sys.kill(pid, 0), -EPERM) << pid;
  EXPECT_EQ(sys.kill(::getpid(), 0), 0);
}

}  // namespace
}  // namespace solo
