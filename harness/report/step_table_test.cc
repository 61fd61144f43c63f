// SPDX-License-Identifier: Apache-2.0
// The table of a run of which every call is known: a row a step.
#include <gtest/gtest.h>

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

// A run of which every call is known: A opens and owns, B is killed at its call.
History steps_of_two() {
  const auto call = [](std::uint64_t seq, Life life, const char* text) {
    return Event{seq, life, Kind::kCall, Phase::kPoint, Object::kNone, kHarness, 0, text};
  };
  History history;
  history.events = {{1, 1, Kind::kStart, {}, {}, 0, 1001, ""},
                    call(2, 1, "open cwd \"f\" O_RDWR 0 -> 3"),
                    event(3, 1, Kind::kClaim),
                    {4, 3, Kind::kStart, {}, {}, 0, 1003, ""},
                    call(5, 3, "flock 3 LOCK_EX -> 0"),
                    event(6, 1, Kind::kLook),
                    {7, kHarness, Kind::kFault, {}, {}, 3, 9, "kill"},
                    call(8, 1, "close 3 -> 0"),
                    event(9, 1, Kind::kOwns)};
  return history;
}

TEST(StepTable, ARunOfWhichEveryCallIsKnownIsATableOfSteps) {
  const History history = steps_of_two();
  const auto lines = swimlane(finding_of({history.events[8]}), history, 120);
  ASSERT_EQ(lines.size(), 5u) << "a header, three calls and a fault";
  EXPECT_EQ(lines[0].substr(0, 6), "  step");
  EXPECT_TRUE(has(lines[0], "A pid 1001"));
  EXPECT_TRUE(has(lines[0], "B never acts")) << "letters are those of the schedule";
  EXPECT_TRUE(has(lines[0], "C pid 1003"));
  EXPECT_TRUE(has(lines[1], "     1  open cwd \"f\" O_RDWR 0 -> 3;"));
  EXPECT_TRUE(has(lines[2], "     2 ")) << lines[2];
  EXPECT_TRUE(has(lines[3], "SIGKILL"));
  EXPECT_EQ(lines[3].find("SIGKILL"), lines[2].find("flock")) << "with whom it was done to";
  EXPECT_TRUE(has(lines[4], "     4  close 3 -> 0; owns"));
  EXPECT_TRUE(has(lines[4], " <-"));
  EXPECT_FALSE(has(lines[1] + lines[2] + lines[3], "<-"));
}

TEST(StepTable, WhatWasSaidStandsWithTheStepThatSaysIt) {
  const History history = steps_of_two();
  const auto lines = swimlane(finding_of({history.events[5]}), history, 200);
  ASSERT_EQ(lines.size(), 6u) << "one of them is too long for its column";
  EXPECT_TRUE(has(lines[1], "-> 3; claims")) << lines[1];
  EXPECT_TRUE(has(lines[2], "<-")) << "an event of the finding is shown, whatever it is";
  EXPECT_FALSE(has(lines[5], "<-"));
}

TEST(StepTable, ALongRunIsCutToItsMarkedSteps) {
  History history;
  history.events.push_back({1, 1, Kind::kStart, {}, {}, 0, 1001, ""});
  for (std::uint64_t seq = 2; seq <= 201; ++seq)
    history.events.push_back(event(seq, 1, Kind::kCall));
  const Finding finding = finding_of({history.events.back()});
  EXPECT_EQ(swimlane(finding, history, 80).size(), 201u);
  history.events.insert(history.events.begin() + 1, event(1, 1, Kind::kCall));
  const auto lines = swimlane(finding, history, 80);
  EXPECT_LE(lines.size(), kRowsShown + 2);
  EXPECT_TRUE(has(lines.back(), "   201 ")) << lines.back();
}

}  // namespace
}  // namespace lockproof
