// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <lockproof/check.h>

TEST(Lock, LetsOneIn) {
  lockproof::Options options;
  options.kills = 1;
  const auto result = lockproof::check(lockproof::worker(PROGRAM " {dir}/pid"), options);
  EXPECT_TRUE(result.holds()) << result;
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].scenario.substr(0, 7), "worker/");
}

// What goes wrong never holds, and says why.
TEST(Lock, WhatCannotBeCheckedDoesNotHold) {
  const auto unknown = lockproof::check("no/such");
  EXPECT_FALSE(unknown.holds());
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.messages.find("no scenario, family, file or folder 'no/such'"),
            std::string::npos)
      << unknown;
  lockproof::Options options;
  options.program = "/no/such/program";
  const auto missing = lockproof::check("control/flock", options);
  EXPECT_FALSE(missing.holds());
  EXPECT_EQ(missing.messages, "/no/such/program: No such file or directory");
}
