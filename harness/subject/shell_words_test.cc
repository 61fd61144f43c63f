// SPDX-License-Identifier: Apache-2.0
#include "subject/shell_words.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lockproof {
namespace {

using Words = std::vector<std::string>;

Words words(std::string_view line) {
  const auto result = split_words(line);
  return result.ok() ? result.value() : Words{"error: " + result.error().sentence};
}

std::string problem(std::string_view line) {
  const auto result = split_words(line);
  return result.ok() ? "none" : result.error().sentence;
}

TEST(SplitWords, SplitsAtWhiteSpaceAndKeepsPlaceholders) {
  EXPECT_EQ(words("  flock -n\t{dir}/lock \n {critical} "),
            (Words{"flock", "-n", "{dir}/lock", "{critical}"}));
}

TEST(SplitWords, QuotesAndBackslashesMeanWhatTheyMeanInAShell) {
  EXPECT_EQ(words(R"(a'b c'd)"), (Words{"ab cd"}));
  EXPECT_EQ(words(R"('$x|y;"\n')"), (Words{R"($x|y;"\n)"}));
  EXPECT_EQ(words(R"("a \"b\" \\ \$ \n")"), (Words{R"(a "b" \ $ \n)"}));
  EXPECT_EQ(words(R"(a\ b \; '')"), (Words{"a b", ";", ""}));
  EXPECT_EQ(words("a\\\nb \"c\\\nd\""), (Words{"ab", "cd"}));
}

TEST(SplitWords, RefusesWhatOnlyAShellWouldDo) {
  EXPECT_EQ(problem("flock x; rm x"),
            "no shell runs the command, so ';' would not do what it does in one; quote it or name "
            "a script");
  EXPECT_EQ(problem("\"$HOME\""),
            "no shell runs the command, so '$' would not do what it does in one; use single quotes "
            "or name a script");
  for (const char* line : {"a|b", "a`b`", "a <b", "a >b", "a &", "a&&b", "$x"}) {
    EXPECT_EQ(problem(line).find("no shell runs"), 0u) << line;
  }
}

TEST(SplitWords, RefusesALineThatIsNotComplete) {
  EXPECT_EQ(problem("a 'b"), "a ' is not closed");
  EXPECT_EQ(problem("a \"b\\\""), "a \" is not closed");
  EXPECT_EQ(problem("a\\"), "nothing follows the last \\");
  EXPECT_EQ(problem(" \n"), "the command is empty");
  EXPECT_EQ(problem(std::string_view("a\0b", 3)), "a word cannot hold a NUL byte");
}

RC_GTEST_PROP(SplitWords, GivesBackTheWordsThatWereJoined, ()) {
  auto joined = *rc::gen::arbitrary<Words>();
  for (std::string& word : joined) std::erase(word, '\0');
  RC_PRE(!joined.empty());
  RC_ASSERT(words(join_words(joined)) == joined);
}

RC_GTEST_PROP(SplitWords, AnyLineIsSplitOrRefused, (const std::string& line)) {
  const auto result = split_words(line);
  RC_ASSERT((result.ok() ? !result.value().empty() : !result.error().sentence.empty()));
}

}  // namespace
}  // namespace lockproof
