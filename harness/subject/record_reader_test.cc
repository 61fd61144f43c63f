// SPDX-License-Identifier: Apache-2.0
#include "subject/record_reader.h"

#include <gtest/gtest.h>

namespace lockproof {
namespace {

std::int64_t read(std::string_view how, std::string_view content) {
  const auto reader = record_reader(how);
  EXPECT_TRUE(reader.ok()) << how << ": " << reader.error().sentence;
  return reader.ok() ? (*reader)(content) : -100;
}

TEST(RecordReader, TextIsAPidAndNothingElse) {
  EXPECT_EQ(read("text", "12\n"), 12);
  EXPECT_EQ(read("text", "pid 12"), seen::kTorn);
  EXPECT_EQ(read("text", ""), seen::kEmpty);
}

TEST(RecordReader, JsonIsReadByItsMembers) {
  EXPECT_EQ(read("json:.pid", R"({"pid": 12, "port": 80})"), 12);
  EXPECT_EQ(read("json:.pid", R"({"pid": "12"})"), 12);
  EXPECT_EQ(read("json:.a.pid", R"({"pid": 3, "a": {"pid": 12}})"), 12);
  EXPECT_EQ(read("json:.pid", ""), seen::kEmpty);
}

TEST(RecordReader, JsonThatIsNotWholeOrNamesNobodyIsTorn) {
  for (const char* content :
       {R"({"pid": 12)", R"({"pid": 12} x)", R"({"port": 12})", R"({"pid": {"pid": 12}})",
        R"({"pid": -12})", R"({"pid": 12.0})", R"({"pid": 0})", R"({"pid": "12x"})",
        R"({"pid": 4194305})", R"({"pid": 99999999999999999999})", R"({"pid": null})", "[12]",
        "12"}) {
    EXPECT_EQ(read("json:.pid", content), seen::kTorn) << content;
  }
  EXPECT_EQ(read("json:.pid", std::string(100'000, '[')), seen::kTorn);
}

TEST(RecordReader, APatternGivesItsFirstGroup) {
  EXPECT_EQ(read("regex:pid=([0-9]+)", "port=80\npid=12\n"), 12);
  EXPECT_EQ(read("regex:[0-9]+", "the pid is 12."), 12);
  EXPECT_EQ(read("regex:pid=(.*)", "pid=1x"), seen::kTorn);
  EXPECT_EQ(read("regex:pid=([0-9]*)", "pid="), seen::kTorn);
  EXPECT_EQ(read("regex:pid=([0-9]+)", "port=80\n"), seen::kTorn);
  EXPECT_EQ(read("regex:pid=([0-9]+)", ""), seen::kEmpty);
}

TEST(RecordReader, WhatIsNoneOfTheseIsSaidSo) {
  for (const char* how : {"", "json", "json:", "json:.", "json:pid", "json:.a..b", "json:.a.",
                          "regex", "regex:", "regex:(", "regex:(a)\\1", "yaml:.pid"}) {
    EXPECT_FALSE(record_reader(how).ok()) << how;
  }
}

}  // namespace
}  // namespace lockproof
