// SPDX-License-Identifier: Apache-2.0
#include "core/pattern.h"

#include <gtest/gtest.h>

namespace lockproof {
namespace {

std::string found(std::string_view pattern, std::string_view text) {
  const auto made = Pattern::make(pattern);
  if (!made.ok()) return made.error().sentence;
  return made->find(text).value_or("not found");
}

TEST(Pattern, IsFoundAnywhereUnlessItSaysWhere) {
  EXPECT_EQ(found("serve.*start", "perl /srv/serve.pl start"), "serve.pl start");
  EXPECT_EQ(found("^serve", "perl serve"), "not found");
  EXPECT_EQ(found("", "x"), "is empty, and would be found everywhere");
}

TEST(Pattern, GivesItsFirstGroup) {
  EXPECT_EQ(found("pid=([0-9]+) (.)", "pid=12 pid=13 x"), "12");
  EXPECT_EQ(found("(a)?b", "b"), "");
}

TEST(Pattern, WhatIsNoneIsSaidSo) {
  EXPECT_TRUE(found("a(b", "").starts_with("is no regular expression: ")) << found("a(b", "");
  EXPECT_TRUE(found("[z-a]", "").starts_with("is no regular expression: "));
  EXPECT_EQ(found("(a)\\1", "aa"), "has a back-reference, which is not known here");
  EXPECT_EQ(found(std::string(201, 'a'), ""), "has 201 bytes, expected at most 200");
}

// With backtracking these would not end.
TEST(Pattern, TakesNoTimeThatExplodes) {
  EXPECT_EQ(found("(a+)+$", std::string(1000, 'a') + "b"), "not found");
  EXPECT_EQ(found("(a|a)*b$", std::string(1000, 'a')), "not found");
}

TEST(Pattern, SeesTheBeginningOfALongText) {
  EXPECT_EQ(found("b", std::string(Pattern::kMostTextBytes - 1, 'a') + "b"), "b");
  EXPECT_EQ(found("b", std::string(Pattern::kMostTextBytes, 'a') + "b"), "not found");
}

}  // namespace
}  // namespace lockproof
