// SPDX-License-Identifier: Apache-2.0
// The table of a run of which every call is known: a row a step.
#include <gtest/gtest.h>

#include <algorithm>

#include "report/swimlane.h"

namespace lockproof {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Finding finding_of(std::vector<Event> events) {
  return {"one_owner", "at no time two owners", FindingClass::kSafety, "why", std::move(events)};
}

Event event(std::uint64_t seq, Life life, Kind kind) {
  return {seq, life, kind, Phase::kPoint, Object::kNone, kHarness, 0, ""};
}

// A opens and claims, C locks, C is killed, A closes and owns; B never acts. C's end has no event.
struct Run {
  History history;
  std::vector<RunStep> steps;
};

Run run_of_two() {
  const auto call = [](std::uint64_t seq, Life life, const char* text) {
    return Event{seq, life, Kind::kCall, Phase::kPoint, Object::kNone, kHarness, 0, text};
  };
  Run run;
  run.history.events = {{1, 1, Kind::kStart, {}, {}, 0, 1001, ""},
                        event(2, 1, Kind::kClaim),
                        call(3, 1, "open cwd \"f\" O_RDWR 0 -> 3"),
                        {4, 3, Kind::kStart, {}, {}, 0, 1003, ""},
                        call(5, 3, "flock 3 LOCK_EX -> 0"),
                        event(6, 1, Kind::kLook),
                        {7, kHarness, Kind::kFault, {}, {}, 3, 9, "kill"},
                        call(8, 1, "close 3 -> 0"),
                        event(9, 1, Kind::kOwns)};
  run.steps = {{1, 3}, {3, 6}, {3, 7}, {3, 7}, {1, 9}};
  return run;
}

TEST(StepTable, HasARowForEachChoiceOfTheSchedule) {
  const auto [history, steps] = run_of_two();
  const auto lines = swimlane(finding_of({history.events[8]}), history, steps, 120);
  ASSERT_EQ(lines.size(), 7u) << "a header, five steps, and what the marks mean";
  EXPECT_EQ(lines[0].substr(0, 6), "  step");
  EXPECT_TRUE(has(lines[0], "A pid 1001"));
  EXPECT_FALSE(has(lines[0], "B")) << "who never acts has no column";
  EXPECT_TRUE(has(lines[0], "C pid 1003")) << "letters are those of the schedule";
  EXPECT_TRUE(has(lines[1], "     1   claims; open cwd \"f\" O_RDWR 0")) << lines[1];
  EXPECT_TRUE(has(lines[2], "     2 ")) << lines[2];
  EXPECT_TRUE(has(lines[3], "SIGKILL"));
  EXPECT_EQ(lines[3].find("SIGKILL"), lines[2].find("flock")) << "with whom it was done to";
  EXPECT_TRUE(has(lines[4], "     4 ")) << lines[4];
  EXPECT_EQ(lines[4].find("goes on dying"), lines[2].find("flock")) << lines[4];
  EXPECT_TRUE(has(lines[5], "     5 * close 3 -> 0; owns"));
  EXPECT_TRUE(has(lines[5], " <-"));
  EXPECT_FALSE(has(lines[1] + lines[2] + lines[3] + lines[4], "<-"));
}

TEST(StepTable, WhatTheFindingNamesStandsWithItsStep) {
  const auto [history, steps] = run_of_two();
  const auto lines = swimlane(finding_of({history.events[5]}), history, steps, 200);
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_TRUE(has(lines[2], "flock 3 LOCK_EX -> 0; A reads a")) << lines[2];
  EXPECT_TRUE(has(lines[2], "<-")) << "an event of the finding is shown, whatever it is";
  EXPECT_FALSE(has(lines[6], "<-"));
}

TEST(StepTable, SaysWhatEachHasAfterEachStep) {
  auto [history, steps] = run_of_two();
  const auto lines = swimlane(finding_of({history.events[8]}), history, steps, 120);
  const std::size_t first = lines[1].find("claims") - 2;
  const std::size_t second = lines[2].find("flock") - 2;
  EXPECT_EQ(lines[1][first], ' ') << "nothing yet";
  EXPECT_EQ(lines[2][second], '+') << "a lock";
  EXPECT_EQ(lines[3][second], ' ') << "it died";
  EXPECT_EQ(lines[5][first], '*') << "owns";
  EXPECT_EQ(lines[6], "         * owns, + has a lock");
  history.events[7].detail = "flock 3 LOCK_EX -> 0";
  const auto both = swimlane(finding_of({history.events[8]}), history, steps, 120);
  EXPECT_EQ(both[5][first], '#') << both[5];
  EXPECT_EQ(both[6], "         + has a lock, # owns and has a lock");
}

TEST(StepTable, TakesAllTheRoomThatItsTextsNeedAndNoMore) {
  auto [history, steps] = run_of_two();
  history.events[2].detail = "open cwd \"f\" O_WRONLY|O_CREAT|O_EXCL|O_TRUNC|O_CLOEXEC 0600 -> 3";
  const Finding finding = finding_of({history.events[8]});
  EXPECT_EQ(swimlane(finding, history, steps, 200), swimlane(finding, history, steps, 300));
  EXPECT_TRUE(has(swimlane(finding, history, steps, 200)[1], history.events[2].detail));
  const auto narrow = swimlane(finding, history, steps, 80);
  const auto find = [&](const char* part) {
    return std::count_if(narrow.begin(), narrow.end(),
                         [&](const std::string& line) { return has(line, part); });
  };
  EXPECT_EQ(find(" O_WRONLY|O_CREAT|O_EXCL|O_TRUNC|"), 1) << "broken between two flags";
  EXPECT_EQ(find(" O_CLOEXEC 0600 -> 3"), 1);
  for (const std::string& line : narrow) EXPECT_LE(line.size(), 80u) << line;
}

TEST(StepTable, TheClockAndAStrangerHaveARowOverAllColumns) {
  auto [history, steps] = run_of_two();
  history.events.push_back({10, kHarness, Kind::kTick, {}, {}, 0, 5000, ""});
  history.events.push_back({11, kHarness, Kind::kFault, {}, {}, 0, 0, "pid_reuse"});
  steps.push_back({kHarness, 10});
  steps.push_back({kHarness, 11});
  steps.push_back({kHarness, 11});
  const auto lines = swimlane(finding_of({history.events[8]}), history, steps, 120);
  ASSERT_EQ(lines.size(), 10u);
  EXPECT_TRUE(has(lines[6], "     6   harness                   clock: 5 000 ms")) << lines[6];
  EXPECT_TRUE(has(lines[7], "fault pid_reuse")) << lines[7];
  EXPECT_TRUE(has(lines[8], "the clock goes on")) << lines[8];
  EXPECT_EQ(lines[5].find("close"), lines[1].find("claims")) << "other rows stay as they were";
}

TEST(StepTable, ARebootIsOneAct) {
  History history;
  history.events = {{1, 1, Kind::kStart, {}, {}, 0, 1001, ""},
                    {2, kHarness, Kind::kFault, {}, {}, 1, 9, "reboot"},
                    {3, kHarness, Kind::kFault, {}, {}, 2, 9, "reboot"}};
  const auto lines = swimlane(finding_of({}), history, {{kHarness, 3}}, 80);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(has(lines[1], "SIGKILL (reboot)"));
  EXPECT_FALSE(has(lines[1], ";"));
}

TEST(StepTable, ALongRunIsCutToItsMarkedSteps) {
  History history;
  std::vector<RunStep> steps;
  history.events.push_back({1, 1, Kind::kStart, {}, {}, 0, 1001, ""});
  for (std::uint64_t seq = 2; seq <= 201; ++seq) {
    history.events.push_back(event(seq, 1, Kind::kCall));
    steps.push_back({1, seq});
  }
  EXPECT_EQ(swimlane(finding_of({history.events.back()}), history, steps, 80).size(), 201u);
  history.events.push_back(event(202, 1, Kind::kCall));
  steps.push_back({1, 202});
  const auto lines = swimlane(finding_of({history.events.back()}), history, steps, 80);
  EXPECT_LE(lines.size(), kRowsShown + 2);
  EXPECT_TRUE(has(lines.back(), "   201 ")) << lines.back();
}

}  // namespace
}  // namespace lockproof
