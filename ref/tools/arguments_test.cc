// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <gtest/gtest.h>

namespace solo::tool {
namespace {

using Words = std::vector<std::string_view>;

TEST(Arguments, OfRunAreTakenInAnyOrderAndBothSpellings) {
  for (const Words& words :
       {Words{"run", "web", "--busy-exit", "7", "--state-dir", "/d", "--", "a", "--json"},
        Words{"run", "--busy-exit=7", "--state-dir=/d", "web", "--", "a", "--json"}}) {
    const auto parsed = parse_arguments(words);
    ASSERT_TRUE(parsed.ok()) << parsed.error().what;
    const auto& run = std::get<RunArguments>(parsed.value());
    EXPECT_EQ(run.name.text(), "web");
    EXPECT_EQ(run.state_dir, "/d");
    EXPECT_EQ(run.busy_exit, 7);
    EXPECT_EQ(run.command, (std::vector<std::string>{"a", "--json"}));
  }
}

TEST(Arguments, AfterTheDashesBelongToTheCommand) {
  const auto parsed = parse_arguments({"run", "web", "--", "cmd", "--help", "--", "--version"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(std::get<RunArguments>(parsed.value()).command.size(), 4u);
}

TEST(Arguments, ThatAreWrongGetOneSentenceEach) {
  for (const Words& words : {Words{},
                             Words{"start", "web"},
                             Words{"ensure", "web", "--", "x"},
                             Words{"run"},
                             Words{"run", "web"},
                             Words{"run", "web", "--"},
                             Words{"run", "--", "x"},
                             Words{"run", "a", "b", "--", "x"},
                             Words{"run", "../x", "--", "x"},
                             Words{"run", "web", "--json", "--", "x"},
                             Words{"run", "web", "--frob", "--", "x"},
                             Words{"run", "web", "--busy-exit", "256", "--", "x"},
                             Words{"run", "web", "--busy-exit=-1", "--", "x"},
                             Words{"run", "web", "--busy-exit=1x", "--", "x"},
                             Words{"run", "web", "--busy-exit=", "--", "x"},
                             Words{"run", "web", "--busy-exit=1", "--busy-exit=1", "--", "x"},
                             Words{"run", "web", "--state-dir=", "--", "x"},
                             Words{"status"},
                             Words{"status", "a", "b"},
                             Words{"status", "web", "--state-dir"},
                             Words{"status", "web", "--", "x"},
                             Words{"status", "web", "--busy-exit=1"},
                             Words{"status", "web", "--jsonx"},
                             Words{"run", "\x1b[2J", "--", "x"}}) {
    const auto parsed = parse_arguments(words);
    ASSERT_FALSE(parsed.ok());
    const std::string text = parsed.error().describe();
    EXPECT_FALSE(text.empty());
    for (const char c : text) EXPECT_GE(c, ' ') << text;
  }
}

TEST(Arguments, HelpWinsOverMistakesAndVersionStandsAlone) {
  const auto help = parse_arguments({"run", "--help"});
  ASSERT_TRUE(help.ok());
  EXPECT_TRUE(std::holds_alternative<Help>(help.value()));
  const auto version = parse_arguments({"--version"});
  ASSERT_TRUE(version.ok());
  EXPECT_TRUE(std::holds_alternative<Version>(version.value()));
}

}  // namespace
}  // namespace solo::tool
