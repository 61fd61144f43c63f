// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario_draft.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/pattern.h"

namespace lockproof {
namespace {

Scenario read(const std::string& text) {
  auto read = parse_scenario(text, "draft.toml", "testing/draft");
  EXPECT_TRUE(read.ok()) << read.error().sentence << "\n" << text;
  return read.ok() ? *read : Scenario{};
}

// All that a subject can say, in as few lines as promised, and read as it was.
TEST(ScenarioDraft, TheLongestOneIsShortAndIsRead) {
  CommandSubject subject;
  subject.type = CommandSubject::Type::kDaemon;
  subject.name = "d";
  subject.run = {"/usr/bin/d", "start", "a \"b\" \\ #c\n", "{dir}/pid"};
  subject.stop = {"d", "stop", "{dir}/pid"};
  subject.status = {"d", "status"};
  subject.owners_by = CommandSubject::Owners::kArgv;
  subject.owners = pattern_of("d start {dir}/pid");
  subject.loser = CommandSubject::Loser::kReuses;
  subject.busy_exit = {7};
  subject.record = "{dir}/pid";
  const std::string text = draft_scenario(subject, "it said\n[faults]\nkill = 9");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kDraftLines) << text;
  const Scenario scenario = read(text);
  ASSERT_TRUE(scenario.subject.command);
  EXPECT_TRUE(*scenario.subject.command == subject) << text;
  EXPECT_EQ(scenario.faults, (FaultBudgets{{"kill", 1}})) << text;
}

TEST(ScenarioDraft, AWorkersWordsAreKept) {
  CommandSubject subject;
  subject.type = CommandSubject::Type::kWorker;
  subject.name = "w";
  subject.run = {"w"};
  subject.says_acquired = "HELD";
  subject.says_busy = "BUSY";
  subject.says_released = "GONE";
  EXPECT_TRUE(*read(draft_scenario(subject, "x")).subject.command == subject);
}

TEST(ScenarioDraft, APatternIsLikeOneCommandLine) {
  const std::string odd = R"(d [x] ^a$ (b)|c\d *.+? {e} ] {dir}/pid {here}/d)";
  const auto pattern = Pattern::make(pattern_of(odd));
  ASSERT_TRUE(pattern.ok()) << pattern.error().sentence;
  EXPECT_TRUE(pattern->is_in(R"(d [x] ^a$ (b)|c\d *.+? {e} ] /mnt/pid /home/d)"));
  EXPECT_FALSE(pattern->is_in(R"(d [x] ^a$ (b)|c\d *.+? {e} ] /mnt/pid /home/dd)"));
  EXPECT_FALSE(pattern->is_in(R"(d x ^a$ (b)|c\d *.+? {e} ] /mnt/pid /home/d)"));
}

TEST(ScenarioDraft, OfALongCommandLineThePatternHasTheBeginning) {
  const std::string line = "d " + std::string(500, '.');
  const auto pattern = Pattern::make(pattern_of(line));
  ASSERT_TRUE(pattern.ok()) << pattern.error().sentence;
  EXPECT_TRUE(pattern->is_in(line));
}

}  // namespace
}  // namespace lockproof
