// SPDX-License-Identifier: Apache-2.0
#include "explore/record.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "core/schedule.h"
#include "explore/execution.h"
#include "invariants/invariant.h"
#include "program/script.h"
#include "sim/sim_world.h"

namespace lockproof {
namespace {

class RecordTest : public testing::Test {
 protected:
  // Takes the choices of a schedule, "AAB", and gives the history, an event a line.
  std::vector<std::string> history(const std::vector<std::vector<std::string>>& scripts,
                                   const std::string& choices, bool at_rest = false) {
    start.texts = &texts;
    for (const auto& lines : scripts) {
      auto program = ScriptProgram::parse(lines, texts);
      EXPECT_TRUE(program.ok());
      programs.push_back(std::make_unique<ScriptProgram>(std::move(*program)));
      start.cast.push_back(programs.back().get());
    }
    outside.files = {{"f", Object::kRecord}, {"g", Object::kLock}};
    outside.files.insert(outside.files.end(), sides.begin(), sides.end());
    Execution run(problem);
    EXPECT_TRUE(run.begin().ok());
    for (const char letter : choices) {
      const auto actor = static_cast<std::uint8_t>(letter < 'a' ? letter - 'A' : letter - 'a' + 26);
      EXPECT_TRUE(run.take({actor, 0}).ok());
    }
    std::vector<std::string> lines;
    for (const Event& event : run.history(at_rest)) lines.push_back(line_of(event));
    return lines;
  }
  static std::string line_of(const Event& event) {
    std::string line = fmt::format("{} {}", event.life, name(event.kind));
    if (event.phase != Phase::kPoint) line += fmt::format(".{}", name(event.phase));
    if (event.object != Object::kNone) line += fmt::format(" {}", name(event.object));
    if (event.target != kHarness) line += fmt::format(" on {}", event.target);
    if (event.kind == Kind::kChange) {
      line += fmt::format(" {}", name(static_cast<Change>(event.value)));
    } else if (event.kind != Kind::kCall && event.value != 0) {
      line += fmt::format(" {}", event.value);
    }
    return event.detail.empty() ? line : fmt::format("{}: {}", line, event.detail);
  }
  using Lines = std::vector<std::string>;

  std::vector<Outside::Watched> sides;
  Texts texts;
  std::vector<std::unique_ptr<Program>> programs;
  sim::SimWorld world;
  Start start;
  Rules rules;
  Outside outside;
  std::vector<std::string> claims = {"one_owner"};
  Problem problem{world, start, rules, outside, claims};
};

TEST_F(RecordTest, APidIsThatOfTheNamespaceThatItIsSaidIn) {
  start.namespaces = {1, 2, 2};
  const Lines lines =
      history({{"getppid"}, {"kill 1001 15"}, {"pidfd_open 1001", "pidfd_send_signal 3 9"}}, "ACC");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "1 start 1001: contender"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "2 start 1001: contender"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "3 start 1002: contender"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "3 signal on 2 9"), 1) << "not on 1";
}

TEST_F(RecordTest, AnOwnerFromItsClaimToItsEnd) {
  EXPECT_EQ(
      history({{"say claim", R"(open cwd "f" O_RDWR|O_CREAT 0600)", R"(write 3 "1001\x0a")",
                "say owns", "hold", "say gives_up", R"(unlink cwd "f" 0)", "say released"}},
              "AAAAA"),
      (Lines{"1 start 1001: contender", "1 claim",
             "1 call: open cwd \"f\" O_RDWR|O_CREAT 0600 -> 3", "1 change record create",
             "0 look record -1", "1 call: write 3 \"1001\\x0a\" -> 5", "1 change record write",
             "0 look record 1001", "1 owns", "0 look record 1001", "1 call: hold -> 0",
             "1 gives_up", "1 call: unlink cwd \"f\" 0 -> 0", "1 change record unlink",
             "0 look record", "1 released", "1 call: exit 0 -> 0", "1 ended"}));
}

TEST_F(RecordTest, WhoDoesNotBeginIsNotThere) {
  EXPECT_EQ(history({{"getppid"}, {"say claim", "getppid"}}, "A"),
            (Lines{"1 start 1001: contender", "1 call: getppid -> 1", "1 call.begin: exit 0"}));
}

TEST_F(RecordTest, ChangesAreToldApart) {
  start.files = {{"f", "old"}, {"g", "x"}};
  EXPECT_EQ(history({{R"(open cwd "f" O_RDWR|O_TRUNC 0)", R"(rename cwd "g" cwd "f")",
                      R"(link cwd "f" cwd "g" 0)"}},
                    "AAAAA"),
            (Lines{"0 change record create", "0 change lock create", "1 start 1001: contender",
                   "1 call: open cwd \"f\" O_RDWR|O_TRUNC 0 -> 3", "1 change record truncate",
                   "0 look record -1", "1 call: rename cwd \"g\" cwd \"f\" -> 0",
                   "1 change record replace", "0 look record -2", "1 change lock unlink",
                   "1 call: link cwd \"f\" cwd \"g\" 0 -> 0", "1 change lock create",
                   "1 call: exit 0 -> 0", "1 ended"}));
}

TEST_F(RecordTest, ARenameOntoNothingReplacesNothing) {
  start.files = {{"g", "x"}};
  outside.texts = false;
  EXPECT_EQ(
      history({{R"(rename cwd "g" cwd "f")"}}, "A"),
      (Lines{"0 change lock create", "1 start 1001: contender", "1 call", "1 change record create",
             "0 look record -2", "1 change lock unlink", "1 call.begin"}));
}

TEST_F(RecordTest, AKillIsLoggedBeforeTheEndThatItCauses) {
  rules.budget[0] = 1;
  EXPECT_EQ(history({{"getppid"}}, "Aa"), (Lines{"1 start 1001: contender", "1 call: getppid -> 1",
                                                 "0 fault on 1 9: kill", "1 ended 9"}));
}

TEST_F(RecordTest, ASignalNamesWhoGotIt) {
  outside.roles = {"", "bystander"};
  outside.texts = false;
  EXPECT_EQ(history({{"kill 1002 15", "kill 1077 0"}, {"say claim", "getpid"}}, "AA"),
            (Lines{"1 start 1001: contender", "2 start 1002: bystander", "1 signal on 2 15",
                   "1 call", "2 ended 15", "1 call", "1 call.begin"}));
}

TEST_F(RecordTest, WhoWasSignalledBeforeItBeganStillSaysWhatItSays) {
  outside.texts = false;
  EXPECT_EQ(history({{"kill 1002 0"}, {"say claim", "getppid"}}, "AB"),
            (Lines{"1 start 1001: contender", "2 start 1002: contender", "1 signal on 2", "1 call",
                   "2 claim", "2 call", "1 call.begin", "2 call.begin"}));
}

TEST_F(RecordTest, AChildIsItsParents) {
  outside.texts = false;
  EXPECT_EQ(history({{"fork", "getppid"}}, "AB"),
            (Lines{"1 start 1001: contender", "1 call", "2 start on 1 1002: child", "2 call",
                   "1 call.begin", "2 call.begin"}));
}

TEST_F(RecordTest, ARebootIsADeathOfAllThatHaveBegun) {
  rules.budget[8] = 1;
  outside.texts = false;
  EXPECT_EQ(history({{"getppid"}, {"getppid"}}, "AiB"),
            (Lines{"1 start 1001: contender", "1 call", "0 fault on 1 9: reboot", "1 ended 9",
                   "2 start 1001: contender", "2 call", "2 call.begin"}));
}

TEST_F(RecordTest, TimeThatPassesIsATick) {
  outside.texts = false;
  EXPECT_EQ(history({{"sleep 5000000000"}}, "A"),
            (Lines{"1 start 1001: contender", "1 call", "0 tick 5000", "1 call.begin"}));
}

TEST_F(RecordTest, AtRestThereIsQuiet) {
  outside.texts = false;
  EXPECT_EQ(history({{}}, "AA", true), (Lines{"1 start 1001: contender", "1 call", "1 ended",
                                              "0 quiet.begin", "0 look record", "0 quiet.end"}));
}

TEST_F(RecordTest, AFindingIsAfterSoManySteps) {
  const std::vector<std::string> owner = {"getpid", "say owns", "hold"};
  history({owner, owner}, "");
  Execution run(problem);
  ASSERT_TRUE(run.begin().ok());
  for (const std::uint8_t actor : {0, 1, 0}) ASSERT_TRUE(run.take({actor, 0}).ok());
  const auto findings = run.judge(false);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(run.steps_until(findings[0]), 2u);
}

TEST_F(RecordTest, AnActBeginsWithTheCallThatFollows) {
  const Lines lines = history({{"getppid", "say destroy.begin", "getppid", "say destroy.end=1"},
                               {"getppid", "say owns", "getppid"}},
                              "ABA");
  const auto at = [&](const std::string& line) {
    return std::find(lines.begin(), lines.end(), line) - lines.begin();
  };
  EXPECT_LT(at("2 owns"), at("1 destroy.begin"));
  EXPECT_LT(at("1 destroy.begin"), at("1 destroy.end 1"));
  EXPECT_LT(at("1 destroy.end 1"), static_cast<std::ptrdiff_t>(lines.size()));
}

TEST_F(RecordTest, TimeGoesOnForEverForWhoDependsOnItsParent) {
  outside.texts = false;
  const Lines lines = history({{"fork", "say start=4", "poll -1 -1 -1 -1"}}, "A", true);
  EXPECT_NE(std::find_if(lines.begin(), lines.end(),
                         [](const std::string& line) {
                           return line.starts_with("2 start") && line.ends_with(": dependant");
                         }),
            lines.end());
  const auto tick = std::find(lines.begin(), lines.end(), fmt::format("0 tick {}", kForEverMs));
  ASSERT_NE(tick, lines.end());
  EXPECT_NE(std::find(tick, lines.end(), "2 call.begin"), lines.end()) << "it lives then";
}

TEST_F(RecordTest, TheSideFileIsLookedAtWhereItChangesAndWhereOneOwns) {
  outside.texts = false;
  sides = {{"port", Object::kSide}};
  start.files = {{"port", "1001\n"}};
  const Lines lines = history({{"getppid", "say owns", R"(unlink cwd "port" 0)"}}, "AA");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "0 look side 1001"), 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "0 look side"), 1);
}

// Of a program of somebody else: what a loser's exit status is, or a child's, is its own matter.
// So is that of who never claimed.
TEST_F(RecordTest, EndsOfLosersAndChildrenOfSomebodyElseAreExpected) {
  outside.of_somebody_else = true;
  const std::vector<std::string> script = {"say claim", "fork", "say busy", "getppid", "exit 1"};
  Lines ends;
  for (const std::string& line :
       history({script, {"say claim", "exit 1"}, {"exit 1"}}, "AAADDBC")) {
    if (line.find(" ended") != line.npos) ends.push_back(line);
  }
  EXPECT_EQ(ends, (Lines{"1 ended 256: expected", "4 ended 256: expected", "2 ended 256",
                         "3 ended 256: expected"}));
}

}  // namespace
}  // namespace lockproof
