// SPDX-License-Identifier: Apache-2.0
#include "check/left_behind.h"

#include "check/test_subjects.h"

namespace lockproof {
namespace {

// "none": there is no file.
std::string left(const Builtin& subject, std::string_view state, std::string_view file = "pid") {
  const auto found = left_behind(subject, file, state, 1003);
  if (!found.ok()) return found.error().sentence;
  return found->content.value_or("none");
}

TEST(LeftBehind, IsSaidInAWord) {
  EXPECT_EQ(left(test::kRight, "absent"), "none");
  EXPECT_EQ(left(test::kRight, "empty"), "");
  EXPECT_EQ(left(test::kRight, "garbage"), std::string("\xff\0\x7fgarbage", 10));
  EXPECT_EQ(left(test::kRight, "'12:x'"), "12:x");
  EXPECT_EQ(left(test::kRight, "''"), "");
}

TEST(LeftBehind, ADeadOwnerLeavesWhatItHadWhenItOwned) {
  EXPECT_EQ(left(test::kRight, "dead"), "1251\n");
  EXPECT_EQ(left(test::kRight, "torn"), "12");
}

TEST(LeftBehind, WhoseNumberIsAnothersNow) {
  EXPECT_EQ(left(test::kRight, "recycled"), "1251\n") << "as from a dead one";
  EXPECT_EQ(left(test::kRight, "self"), "1003\n");
}

TEST(LeftBehind, WhoWroteItMayHaveLookedAtAClock) {
  EXPECT_FALSE(left_behind(test::kRight, "pid", "recycled", 1003)->clock_read);
  const Builtin* timed = find_builtin("classic/pid_start_time");
  ASSERT_NE(timed, nullptr);
  const auto found = left_behind(*timed, "pid", "recycled", 1003);
  EXPECT_TRUE(found->clock_read);
  EXPECT_EQ(found->content, "1251:0");
}

TEST(LeftBehind, WhichIsNothingWhereItHadNoFile) {
  EXPECT_EQ(left(test::kRight, "dead", "other"), "none");
  EXPECT_EQ(left(test::kRight, "torn", "other"), "none");
}

TEST(LeftBehind, WhoDoesNotComeToOwnLeavesNothingKnown) {
  EXPECT_EQ(left(test::kNeverOwns, "dead"), "alone, 'check/never_owns' does not come to own");
}

TEST(LeftBehind, AnotherWordIsAnError) {
  for (const char* word : {"recycle", "", "'", "'open"}) {
    const auto content = left_behind(test::kRight, "pid", word, 1003);
    ASSERT_FALSE(content.ok()) << word;
    EXPECT_EQ(content.error().kind, Error::Kind::kUsage);
    EXPECT_NE(content.error().sentence.find("expected absent, dead, recycled"), std::string::npos);
  }
}

}  // namespace
}  // namespace lockproof
