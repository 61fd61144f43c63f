// SPDX-License-Identifier: Apache-2.0
#include "solo/name.h"

#include <gtest/gtest.h>

namespace solo {
namespace {

TEST(Name, TakesLettersDigitsDotUnderscoreAndDash) {
  for (const char* text : {"web", "a", "A-z_0.9", "-x", "web.lock"}) {
    ASSERT_TRUE(Name::parse(text).ok()) << text;
    EXPECT_EQ(Name::parse(text).value().text(), text);
  }
  EXPECT_TRUE(Name::parse(std::string(kMaxNameBytes, 'x')).ok());
}

TEST(Name, RefusesWhatMeansSomethingInAPathOrOnATerminal) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv, "."sv, ".."sv, ".hidden"sv, "a/b"sv, "a\0b"sv, "a b"sv, "a\n"sv,
                          "\x1b[31m"sv, "gr\xc3\xbc\xc3\x9f"sv, "a*"sv}) {
    EXPECT_FALSE(Name::parse(text).ok()) << printable(text);
  }
  EXPECT_FALSE(Name::parse(std::string(kMaxNameBytes + 1, 'x')).ok());
}

TEST(Name, AnErrorMessageCarriesNoControlCharacter) {
  const std::string message = Name::parse("a\x1b]52;c;\n").error().describe();
  for (const char c : message) EXPECT_GE(c, ' ') << message;
}

}  // namespace
}  // namespace solo
