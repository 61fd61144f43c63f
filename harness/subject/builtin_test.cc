// SPDX-License-Identifier: Apache-2.0
#include "subject/builtin.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/event.h"

namespace lockproof {
namespace {

void do_nothing(Session&) {}

// Registered out of order on purpose.
const BuiltinRegistration kUnchecked{
    {"testing/lock_unchecked", "its mutant", {{"run", do_nothing}, {"stop", do_nothing}}}};
const BuiltinRegistration kBare{{"testing/bare", "no files", {{"acquire", do_nothing}}}};
const BuiltinRegistration kLock{{"testing/lock",
                                 "a record and a lock",
                                 {{"run", do_nothing}, {"stop", do_nothing}},
                                 "pid",
                                 "lock"}};

TEST(Builtin, IsFoundByItsWholeName) {
  ASSERT_NE(find_builtin("testing/lock"), nullptr);
  EXPECT_EQ(find_builtin("testing/lock")->record, "pid");
  EXPECT_EQ(find_builtin("testing/loc"), nullptr);
  EXPECT_EQ(find_builtin("testing/lock_"), nullptr);
  EXPECT_EQ(find_builtin(""), nullptr);
}

TEST(Builtin, AllAreInOrderOfName) {
  const auto& all = all_builtins();
  EXPECT_GE(all.size(), 3u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const Builtin& a, const Builtin& b) { return a.name < b.name; }));
}

TEST(ReadPidText, NamesAPidWhenNothingElseIsThere) {
  EXPECT_EQ(read_pid_text("1"), 1);
  EXPECT_EQ(read_pid_text("4194304"), 4194304);
  EXPECT_EQ(read_pid_text("812\n"), 812);
  EXPECT_EQ(read_pid_text("812 \t\r\n"), 812);
  EXPECT_EQ(read_pid_text("812:host:99"), 812);
}

TEST(ReadPidText, CallsEverythingElseTornAndNothingEmpty) {
  EXPECT_EQ(read_pid_text(""), seen::kEmpty);
  for (std::string_view torn :
       {"\n", " 812", "+812", "-1", "0", "0812", "4194305", "99999999999999999999", "812x", "812.5",
        "0x10", "812\n45\n", "812 45", "pid 812"}) {
    EXPECT_EQ(read_pid_text(torn), seen::kTorn) << torn;
  }
  EXPECT_EQ(read_pid_text(std::string_view("812\0\0\0", 6)), seen::kTorn);
}

}  // namespace
}  // namespace lockproof
