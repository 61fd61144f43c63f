// SPDX-License-Identifier: Apache-2.0
#include "core/event.h"

#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace lockproof {
namespace {

TEST(EventNames, OfKindsGoBothWays) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Kind::kTick); ++i) {
    const auto kind = static_cast<Kind>(i);
    EXPECT_EQ(kind_named(name(kind)), kind);
    EXPECT_FALSE(sentence(kind).empty());
    EXPECT_TRUE(names.insert(name(kind)).second) << name(kind);
  }
  EXPECT_EQ(kind_named("tick"), Kind::kTick);
  EXPECT_EQ(kind_named("Tick"), std::nullopt);
  EXPECT_EQ(kind_named(""), std::nullopt);
}

TEST(EventNames, OfPhasesAndObjectsGoBothWays) {
  for (Phase phase : {Phase::kPoint, Phase::kBegin, Phase::kEnd}) {
    EXPECT_EQ(phase_named(name(phase)), phase);
  }
  for (Object object :
       {Object::kNone, Object::kRecord, Object::kLock, Object::kSide, Object::kIntent}) {
    EXPECT_EQ(object_named(name(object)), object);
  }
  EXPECT_EQ(phase_named("middle"), std::nullopt);
  EXPECT_EQ(object_named("disk"), std::nullopt);
  EXPECT_EQ(name(Change::kUnlink), "unlink");
  EXPECT_EQ(name(Change::kCreate), "create");
}

TEST(WaitStatus, IsSaidInWords) {
  EXPECT_EQ(describe_wait_status(0), "exit 0");
  EXPECT_EQ(describe_wait_status(3 << 8), "exit 3");
  EXPECT_EQ(describe_wait_status(SIGKILL), "killed by SIGKILL");
  EXPECT_EQ(describe_wait_status(SIGSEGV | 0x80), "killed by SIGSEGV") << "with a core dump";
  EXPECT_EQ(describe_wait_status(60), "killed by signal 60");
  EXPECT_EQ(describe_wait_status(0x137f), "wait status 4991");
}

}  // namespace
}  // namespace lockproof
