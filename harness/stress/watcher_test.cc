// SPDX-License-Identifier: Apache-2.0
#include "stress/watcher.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lockproof {
namespace {

constexpr const char* kTable =
    "1: OFDLCK ADVISORY  WRITE -1 00:2e:4 0 EOF\n"
    "2: FLOCK  ADVISORY  WRITE 41 fe:00:1234 0 EOF\n"
    "2: -> FLOCK  ADVISORY  WRITE 42 00:2e:9 0 EOF\n";

TEST(LockTable, a_lock_on_the_file_is_held) {
  EXPECT_EQ(read_lock_table(kTable, 0, 0x2e, 4, true), seen::kHeld);
  EXPECT_EQ(read_lock_table(kTable, 0xfe, 0, 1234, false), seen::kHeld);
}

TEST(LockTable, a_waiter_holds_nothing) {
  EXPECT_EQ(read_lock_table("2: -> FLOCK  ADVISORY  WRITE 42 00:2e:9 0 EOF\n", 0, 0x2e, 9, true),
            seen::kAbsent);
}

TEST(LockTable, a_lock_that_begins_after_the_first_byte_does_not_count) {
  EXPECT_EQ(read_lock_table("1: OFDLCK ADVISORY  WRITE -1 00:2e:4 1 1\n", 0, 0x2e, 4, true),
            seen::kAbsent);
  EXPECT_EQ(read_lock_table("1: OFDLCK ADVISORY  WRITE -1 00:2e:4 0 0\n", 0, 0x2e, 4, true),
            seen::kHeld);
}

TEST(LockTable, a_lock_on_another_file_of_a_private_device_is_an_orphan) {
  EXPECT_EQ(read_lock_table(kTable, 0, 0x2e, 5, true), seen::kOrphan);
  EXPECT_EQ(read_lock_table(kTable, 0, 0x2e, 5, false), seen::kAbsent);
  EXPECT_EQ(read_lock_table(kTable, 0, 0x2f, 4, true), seen::kAbsent);
}

RC_GTEST_PROP(LockTable, survives_any_bytes, (const std::string& bytes)) {
  (void)read_lock_table(bytes, 0, 0x2e, 4, true);
}

}  // namespace
}  // namespace lockproof
