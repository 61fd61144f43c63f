// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel.h"

#include <gtest/gtest.h>

#include <cstring>

namespace lockproof::sim {
namespace {

TEST(Kernel, HasNoBytesThatMeanNothing) {
  OpenFile file;
  std::memset(&file, 0, sizeof file);
  file.access = 3;
  file.append = 1;
  file.path = 1;
  file.flock = 3;
  file.zeros = 3;
  EXPECT_EQ(reinterpret_cast<const unsigned char*>(&file)[3], 0xff);
}

}  // namespace
}  // namespace lockproof::sim
