// SPDX-License-Identifier: Apache-2.0
#include "check/left_behind.h"

#include "check/test_subjects.h"

namespace lockproof {
namespace {

// "none": there is no file.
std::string left(const Builtin& subject, std::string_view state, std::string_view file = "pid") {
  const auto content = left_behind(subject, file, state);
  if (!content.ok()) return content.error().sentence;
  return *content ? **content : "none";
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

TEST(LeftBehind, WhichIsNothingWhereItHadNoFile) {
  EXPECT_EQ(left(test::kRight, "dead", "other"), "none");
  EXPECT_EQ(left(test::kRight, "torn", "other"), "none");
}

TEST(LeftBehind, WhoDoesNotComeToOwnLeavesNothingKnown) {
  EXPECT_EQ(left(test::kNeverOwns, "dead"), "alone, 'check/never_owns' does not come to own");
}

TEST(LeftBehind, AnotherWordIsAnError) {
  for (const char* word : {"recycled", "self", "", "'", "'open"}) {
    const auto content = left_behind(test::kRight, "pid", word);
    ASSERT_FALSE(content.ok()) << word;
    EXPECT_EQ(content.error().kind, Error::Kind::kUsage);
    EXPECT_NE(content.error().sentence.find("expected absent, dead, torn"), std::string::npos);
  }
}

}  // namespace
}  // namespace lockproof
