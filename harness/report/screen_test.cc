// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <sstream>

#include "core/text.h"
#include "report/layout.h"
#include "report/report.h"
#include "report/samples.h"
#include "report/swimlane.h"

namespace lockproof {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// What every page promises, whatever the subject did. `columns` as the style has it.
std::string broken_promise(const std::string& page, int columns) {
  for (const std::string& line : lines_of(page)) {
    if (static_cast<int>(width(line)) > columns && line.rfind(" replay ", 0) != 0) {
      return "too wide: " + line;
    }
    if (valid_utf8(line) != line) return "not UTF-8: " + line;
    for (unsigned char c : line) {
      if (c < 0x20 || c == 0x7f) return "control character: " + line;
    }
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && line.compare(first, 2, "::") == 0) return "CI: " + line;
    if (has(line, "##vso[") || has(line, "##[")) return "CI: " + line;
  }
  return "";
}

Finding finding_of(std::vector<Event> events) {
  return {"one_owner", "at no time two owners", FindingClass::kSafety, "why", std::move(events)};
}

Event event(std::uint64_t seq, Life life, Kind kind, Phase phase = Phase::kPoint) {
  return {seq, life, kind, phase, Object::kNone, kHarness, 0, ""};
}

TEST(Screen, WhatNeverRanShowsNoFigures) {
  RunResult result;
  result.scenario = "control/solo";
  result.world = "stress";
  result.verdict = Verdict::kInconclusive;
  result.reason = {ErrorCode::kInterrupted, "interrupted before it ran"};
  EXPECT_EQ(screen(result, {}),
            "INCONCLUSIVE  control/solo\n reason    interrupted before it ran (LP0604)\n");
}

TEST(Screen, FitsItsColumnsAndCarriesNoEscapes) {
  for (const RunResult& result :
       {samples::holds(), samples::violated(), samples::hostile(), samples::searched(),
        samples::stepped(), samples::inconclusive(), samples::skipped()}) {
    for (int columns : {60, 80, 100, 200}) {
      EXPECT_EQ(broken_promise(screen(result, {columns, false}), columns), "") << columns;
    }
  }
}

TEST(Screen, ColourAddsNothingButColour) {
  for (const RunResult& result : samples::several()) {
    std::string page = screen(result, {80, true});
    EXPECT_TRUE(has(page, "\x1b["));
    for (std::size_t at; (at = page.find('\x1b')) != std::string::npos;) {
      page.erase(at, page.find('m', at) - at + 1);
    }
    EXPECT_EQ(page, screen(result, {80, false}));
  }
}

TEST(Screen, StressNeverSoundsLikeAProof) {
  const std::string page = screen(samples::holds(), {});
  EXPECT_TRUE(has(page, "no violation seen"));
  EXPECT_TRUE(has(page, "not a proof"));
  EXPECT_EQ(summary({samples::holds()}), "1 scenario: 1 saw no violation\n");
  RunResult searched = samples::holds();
  searched.world = "sim";
  searched.strategy = "search";
  EXPECT_EQ(lines_of(screen(searched, {}))[0], "HOLDS  control/solo (sim, search)");
  EXPECT_EQ(summary({searched, searched, samples::holds()}),
            "3 scenarios: 2 hold, 1 saw no violation\n");
  EXPECT_EQ(summary({}), "0 scenarios: nothing ran\n");
}

TEST(Screen, SaysThingsInTheOrderInWhichTheyAreRead) {
  const std::string page = screen(samples::violated(), {});
  std::size_t last = 0;
  for (const char* part : {"VIOLATED  at no time two owners", "tried", "event", "<-", "why",
                           "replay", "counts", "also"}) {
    const std::size_t at = page.find(part, last);
    ASSERT_NE(at, std::string::npos) << part;
    last = at;
  }
}

TEST(Screen, TheReplayLineIsOneLineAndStaysAsItIs) {
  RunResult result = samples::violated();
  result.replay = "lockproof stress --wrapper 'sh -c \"printf \\n\"' " + std::string(300, 'x');
  EXPECT_TRUE(has(screen(result, {}), "replay    " + result.replay + "\n"));
  result.replay = "lockproof \x1b[31m";
  EXPECT_TRUE(has(screen(result, {}), "replay    lockproof \\x1b[31m\n"));
}

TEST(Screen, AMutantThatWasNotCaughtIsNamed) {
  RunResult result = samples::holds();
  result.mutants = {{"no_recheck", true, "one_owner"}, {"no_flock", false, "one_owner"}};
  const std::string page = screen(result, {});
  EXPECT_TRUE(has(page, "1 of 2 caught"));
  EXPECT_TRUE(has(page, "NOT CAUGHT: no_flock (expected by one_owner)"));
}

TEST(Screen, WhatWasExhaustedIsOneSentenceThatCanBeQuoted) {
  RunResult result = samples::searched();
  const std::string page = screen(result, {200, false});
  EXPECT_TRUE(
      has(page,
          " shown     3 processes and a late one, 1 kill, time-outs at any time; every run, "
          "with any number of retries: 1 234 states; mutants: 1 of 1 caught, 1 on Linux, too; "
          "lockproof 0.1.0\n"))
      << page;
  EXPECT_FALSE(has(page, "tried     "));
  EXPECT_FALSE(has(page, " mutants   "));
  result.verdict = Verdict::kInconclusive;
  EXPECT_TRUE(has(screen(result, {200, false}), " mutants   1 of 1 caught, 1 on Linux, too\n"));
  EXPECT_FALSE(has(screen(result, {200, false}), " shown "));
  result.verdict = Verdict::kHolds;
  result.mutants.push_back({"no_recheck", true, "one_owner", 9, {true, ""}});
  EXPECT_TRUE(has(screen(result, {200, false}), "; mutants: 2 of 2 caught, 2 on Linux, too; "));
  result.mutants.clear();
  EXPECT_TRUE(has(screen(result, {200, false}), "; no mutant was tried; "));
}

TEST(Screen, SaysHowLongTheRunIsAndWhatIsKnownAboutShorterOnes) {
  RunResult result = samples::violated();
  EXPECT_FALSE(has(screen(result, {}), " run "));
  result.steps = 8;
  EXPECT_TRUE(has(screen(result, {}), " run       8 steps; none of them can be left out\n"));
  result.round = 3;
  EXPECT_TRUE(has(screen(result, {}), " run       8 steps; the last 3 can go on for ever\n"));
  result.round = 0;
  result.shortest = true;
  EXPECT_TRUE(has(screen(result, {}), " run       8 steps; no run with fewer breaks a promise\n"));
  result.shortest = false;
  result.strategy = "replay";
  EXPECT_TRUE(has(screen(result, {}), " run       8 steps\n"));
}

TEST(Screen, TheCriticalPairStandsBetweenWhyAndReplay) {
  RunResult result = samples::violated();
  result.pair = 4;
  const std::string page = screen(result, {});
  const std::size_t at =
      page.find(" pair      steps 4 and 5: in the other order the promise is kept\n");
  ASSERT_NE(at, std::string::npos) << page;
  EXPECT_LT(page.find(" why "), at);
  EXPECT_GT(page.find(" replay "), at);
  result.pair = 0;
  EXPECT_FALSE(has(screen(result, {}), " pair "));
}

TEST(Swimlane, KeepsEveryMarkedRowAndSaysWhatItLeftOut) {
  History history;
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
    history.events.push_back(event(seq, 1 + seq % 2, seq % 3 ? Kind::kProbe : Kind::kClaim));
  }
  const Finding finding =
      finding_of({history.events[99], history.events[499], history.events[899]});
  const auto lines = swimlane(finding, history, {}, 80);
  EXPECT_LE(lines.size(), kRowsShown + 4);  // a header and the gaps
  EXPECT_EQ(
      std::count_if(lines.begin(), lines.end(), [](const auto& line) { return has(line, "<-"); }),
      3);
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                          [](const auto& line) { return has(line, "events left out"); }));
}

TEST(Swimlane, TooManyProcessesAreAList) {
  std::vector<Event> events;
  for (Life life = 1; life <= 30; ++life) events.push_back(event(life, life, Kind::kOwns));
  const auto lines = swimlane(finding_of(events), {}, {}, 80);
  ASSERT_EQ(lines.size(), 30u);
  EXPECT_EQ(lines[0].substr(0, 40), "     1  A life 1                  owns  ");
  EXPECT_TRUE(has(lines[29], "AD life 30"));
  for (const std::string& line : lines) EXPECT_LE(width(line), 80u);
}

TEST(Swimlane, BeginAndEndAreOneRowOnlyWhereNothingIsBetween) {
  const Finding finding =
      finding_of({event(1, 1, Kind::kClaim, Phase::kBegin), event(2, 1, Kind::kClaim, Phase::kEnd),
                  event(3, 1, Kind::kStop, Phase::kBegin), event(4, 2, Kind::kOwns),
                  event(5, 1, Kind::kStop, Phase::kEnd)});
  const auto lines = swimlane(finding, {}, {}, 80);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_TRUE(has(lines[1], "     2  claims ")) << lines[1];
  EXPECT_TRUE(has(lines[2], "     3  stops the instance ..."));
  EXPECT_TRUE(has(lines[4], "     5  ... stops the instance"));
}

TEST(Swimlane, TheEndOfAnotherProcessIsNotTheEnd) {
  const Finding finding = finding_of(
      {event(1, 1, Kind::kClaim, Phase::kBegin), event(2, 2, Kind::kClaim, Phase::kEnd)});
  const auto lines = swimlane(finding, {}, {}, 80);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(has(lines[1], "claims ..."));
  EXPECT_TRUE(has(lines[2], "... claims"));
}

TEST(Swimlane, ARowOfBothKeepsTheMarkOfEither) {
  History history;
  history.events = {event(1, 1, Kind::kOwns), event(2, 1, Kind::kClaim, Phase::kBegin),
                    event(3, 1, Kind::kClaim, Phase::kEnd)};
  const auto lines = swimlane(finding_of({history.events[0], history.events[2]}), history, {}, 80);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(has(lines[2], "     3  claims "));
  EXPECT_TRUE(has(lines[2], "<-"));
}

TEST(Swimlane, AGapOfOneRowIsThatRow) {
  History history;
  for (std::uint64_t seq = 1; seq <= kRowsShown + 1; ++seq) {
    history.events.push_back(event(seq, 1, seq % 2 ? Kind::kProbe : Kind::kReady));
  }
  const auto lines =
      swimlane(finding_of({history.events.front(), history.events.back()}), history, {}, 80);
  EXPECT_EQ(lines.size(), kRowsShown + 2);
  for (const std::string& line : lines) EXPECT_FALSE(has(line, "left out")) << line;
}

TEST(Swimlane, NothingToShowIsNoTable) {
  EXPECT_TRUE(swimlane(finding_of({}), {}, {}, 80).empty());
}

TEST(Swimlane, APidThatWasUsedTwiceNamesBoth) {
  History history;
  history.events = {{1, 1, Kind::kStart, {}, {}, 0, 41, ""},
                    {2, 2, Kind::kStart, {}, {}, 0, 41, ""}};
  const Finding finding =
      finding_of({event(3, 1, Kind::kOwns), {4, 2, Kind::kLook, {}, Object::kRecord, 0, 41, ""}});
  EXPECT_TRUE(has(swimlane(finding, history, {}, 80)[2], "reads record: pid 41 (A or B)"));
}

TEST(Layout, Wraps) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrap("", 5), Lines{""});
  EXPECT_EQ(wrap("ab cd ef", 5), (Lines{"ab cd", "ef"}));
  EXPECT_EQ(wrap("abcdefgh", 3), (Lines{"abc", "def", "gh"}));
  EXPECT_EQ(wrap("O_A|O_B|O_C x", 9), (Lines{"O_A|O_B|", "O_C x"})) << "between two flags";
  EXPECT_EQ(wrap("/abcdef/gh", 8), (Lines{"/abcdef/", "gh"}));
  EXPECT_EQ(wrap("/abcdefgh", 4), (Lines{"/abc", "defg", "h"})) << "no line of a '/' alone";
  EXPECT_EQ(wrap("ééé é", 3), (Lines{"ééé", "é"}));
}

TEST(Layout, Figures) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(18'231), "18 231");
  EXPECT_EQ(grouped(1'234'567'890), "1 234 567 890");
  EXPECT_EQ(seconds_text(0.018), "0.02 s");
  EXPECT_EQ(seconds_text(15.02), "15.0 s");
  EXPECT_EQ(seconds_text(1204.5), "1 204 s");
  EXPECT_EQ(seconds_text(0.0 / 0.0 * 0), "0.00 s");
  EXPECT_EQ(counted(1, "kills"), "1 kill");
  EXPECT_EQ(counted(0, "kills"), "0 kills");
}

TEST(Layout, AnIndentedCommandIsBroken) {
  EXPECT_EQ(harmless_lines("a\n   ::error::x\n::y\nb"), "a\n  \\::error::x\n\\::y\nb");
}

// Random processes and times, with details that hurt.
rc::Gen<std::vector<Event>> histories() {
  const auto detail =
      rc::gen::oneOf(rc::gen::arbitrary<std::string>(),
                     rc::gen::element<std::string>("", " ::error::x", "##vso[x]", "\xff\x1b[2J",
                                                   "\u202e", std::string(256, ':'), "日本語 ::x"));
  return rc::gen::map(
      rc::gen::container<std::vector<Event>>(rc::gen::build<Event>(
          rc::gen::set(&Event::life, rc::gen::inRange<Life>(0, 7)),
          rc::gen::set(&Event::kind,
                       rc::gen::map(rc::gen::inRange(0, static_cast<int>(Kind::kTick) + 1),
                                    [](int kind) { return static_cast<Kind>(kind); })),
          rc::gen::set(&Event::phase, rc::gen::element(Phase::kPoint, Phase::kBegin, Phase::kEnd)),
          rc::gen::set(&Event::object, rc::gen::element(Object::kNone, Object::kLock,
                                                        Object::kRecord, Object::kSide)),
          rc::gen::set(&Event::target, rc::gen::inRange<Life>(0, 7)),
          rc::gen::set(&Event::value, rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-9, 70),
                                                     rc::gen::arbitrary<std::int64_t>())),
          rc::gen::set(&Event::detail, detail))),
      [](std::vector<Event> events) {
        for (std::size_t i = 0; i < events.size(); ++i) events[i].seq = i + 1;
        return events;
      });
}

RC_GTEST_PROP(Screen, KeepsItsPromisesWhateverHappened, ()) {
  RunResult result = samples::violated();
  result.history.events = *histories();
  result.scenario = *rc::gen::arbitrary<std::string>();
  result.findings.resize(1);
  Finding& finding = result.findings[0];
  finding.why = *rc::gen::arbitrary<std::string>() + " ::error::" + std::string(100, 'x');
  finding.events.clear();
  for (const Event& happened : result.history.events) {
    if (*rc::gen::inRange(0, 3) == 0) finding.events.push_back(happened);
  }
  const int columns = *rc::gen::element(60, 80, 120);
  RC_ASSERT(broken_promise(screen(result, {columns, false}), columns) == "");
}

}  // namespace
}  // namespace lockproof
