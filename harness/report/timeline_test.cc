// SPDX-License-Identifier: Apache-2.0
// The timeline as text; `make browser` looks at it in a browser.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/text.h"
#include "report/course.h"
#include "report/html.h"
#include "report/report.h"
#include "report/samples.h"
#include "report/timeline_assets.h"

namespace lockproof {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t number = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
  return number;
}

TEST(Course, SaysWhoOwnsAfterEachStep) {
  const Course course = course_of(samples::stepped());
  ASSERT_EQ(course.moments.size(), 4u);
  EXPECT_TRUE(course.moments[1].owners.empty());
  EXPECT_EQ(course.moments[2].owners, std::vector<Life>{1});
  EXPECT_EQ(course.moments[3].owners, (std::vector<Life>{1, 3}));
}

TEST(Course, OfEventsEndsWhenOneGivesUpAndKnowsTheRecord) {
  const Course course = course_of(samples::violated());
  EXPECT_EQ(course.moments.back().owners, std::vector<Life>{18});
  EXPECT_EQ(course.moments.back().record, "pid 41321 (A)");
  const auto faults = std::count_if(course.moments.begin(), course.moments.end(),
                                    [](const Moment& moment) { return moment.fault; });
  EXPECT_EQ(faults, 2);
  std::size_t events = 0;
  for (const Moment& moment : course.moments) events += moment.events.size();
  EXPECT_EQ(events, samples::violated().history.events.size());
}

// A run of one process that makes these calls, each a step.
std::vector<std::size_t> holders_after(const std::vector<std::string>& calls,
                                       std::int64_t fault = 0) {
  RunResult result;
  for (const std::string& call : calls) {
    const std::uint64_t seq = result.history.events.size() + 1;
    result.history.events.push_back(
        {seq, 1, Kind::kCall, Phase::kPoint, Object::kNone, kHarness, 0, call});
    result.run.push_back({1, seq});
  }
  if (fault != 0) {
    const std::uint64_t seq = result.history.events.size() + 1;
    result.history.events.push_back(
        {seq, kHarness, Kind::kFault, Phase::kPoint, Object::kNone, 1, fault, "kill"});
    result.run.push_back({1, seq});
  }
  std::vector<std::size_t> holders;
  for (const Moment& moment : course_of(result).moments) holders.push_back(moment.holders.size());
  return holders;
}

TEST(Course, TellsLocksByCalls) {
  using Holders = std::vector<std::size_t>;
  EXPECT_EQ(holders_after({"flock 3 LOCK_EX -> 0", "flock 3 LOCK_UN -> 0"}), (Holders{1, 0}));
  EXPECT_EQ(holders_after({"flock 3 LOCK_EX|LOCK_NB -> EAGAIN"}), Holders{0});
  EXPECT_EQ(holders_after({"flock 3 LOCK_EX -> 0", "close 4 -> 0", "close 3 -> 0"}),
            (Holders{1, 1, 0}));
  EXPECT_EQ(holders_after({"fcntl_lock 3 F_OFD_SETLK F_WRLCK 0 0 -> 0",
                           "fcntl_lock 3 F_OFD_SETLK F_UNLCK 0 0 -> 0"}),
            (Holders{1, 0}));
  EXPECT_EQ(holders_after({"fcntl_lock 3 F_GETLK F_WRLCK 0 0 -> 0"}), Holders{0});
  EXPECT_EQ(holders_after({"flock 3 LOCK_EX -> 0"}, SIGKILL), (Holders{1, 0}));
}

TEST(Timeline, NothingOfASubjectIsMarkup) {
  const std::string page = html_report({samples::hostile(), samples::several()[1]}, "<0>&\"'");
  EXPECT_EQ(count(page, "<script"), 1u);
  EXPECT_EQ(count(page, "<b>"), 0u);
  EXPECT_EQ(count(page, "<0>"), 0u);
  EXPECT_EQ(count(page, "\xe2\x80\xae"), 0u);  // U+202E turns text around
  EXPECT_EQ(valid_utf8(page), page);
  EXPECT_TRUE(std::none_of(page.begin(), page.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  }));
  EXPECT_EQ(count(page, "&lt;b&gt;&amp;amp;&lt;/b&gt;") > 0, true);
}

TEST(Timeline, EachRowAndEventHasAPlaceOfItsOwn) {
  const RunResult result = samples::violated();
  const std::string page = html_report({result, result}, "0.1.0");
  for (const Event& event : result.history.events) {
    EXPECT_EQ(count(page, "<li id=\"e" + std::to_string(event.seq) + "\""), 1u);
    EXPECT_EQ(count(page, "<li id=\"x2e" + std::to_string(event.seq) + "\""), 1u);
  }
}

TEST(Timeline, ARunWithoutEventsIsItsHead) {
  const std::string page = html_report({samples::holds()}, "0.1.0");
  EXPECT_EQ(count(page, "<table>"), 0u);
  EXPECT_EQ(count(page, "HOLDS"), 2u);
}

TEST(Html, NamesAScriptAsBrowsersDo) {
  // The examples of RFC 4648 and FIPS 180.
  EXPECT_EQ(csp_hash("666f6f626172"), "sha256-Zm9vYmFy");
  EXPECT_EQ(csp_hash("666f6f6261"), "sha256-Zm9vYmE=");
  EXPECT_EQ(csp_hash("666f6f62"), "sha256-Zm9vYg==");
  EXPECT_EQ(csp_hash("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

}  // namespace
}  // namespace lockproof
