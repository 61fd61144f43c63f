// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "help.h"

namespace solo::tool {
namespace {

using Words = std::vector<std::string_view>;

// From there they come into the manual page and the completions, too.
TEST(SoloArguments, EachOptionIsToldOfInTheHelp) {
  const std::string help = kHelp;
  for (const std::string_view name : option_names()) {
    const std::regex told("(^|[^-a-z])" + std::string(name) + "([^-a-z]|$)");
    EXPECT_TRUE(std::regex_search(help, told)) << name;
  }
}

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
                             Words{"stop", "web", "--", "x"},
                             Words{"stop", "web", "--grace", "0s"},
                             Words{"stop", "web", "--ready=port:1"},
                             Words{"rm"},
                             Words{"rm", "web", "--grace=1s"},
                             Words{"guard", "web"},
                             Words{"guard", "web", "--ready=port:1", "--", "x"},
                             Words{"ensure", "web"},
                             Words{"ensure", "web", "--managed=auto", "--", "x"},
                             Words{"run", "web", "--managed=me", "--", "x"},
                             Words{"run", "web", "--side-file=../x", "--", "x"},
                             Words{"run", "web", "--side-file=web.lock", "--", "x"},
                             Words{"run", "web", "--ready=port:0", "--", "x"},
                             Words{"run", "web", "--ready=port:65536", "--", "x"},
                             Words{"run", "web", "--ready=line:", "--", "x"},
                             Words{"run", "web", "--ready=soon", "--", "x"},
                             Words{"run", "web", "--ready=:", "--", "x"},
                             Words{"run", "web", "--parent=1", "--", "x"},
                             Words{"run", "web", "--parent=12:", "--", "x"},
                             Words{"run", "web", "--watch-parent=", "--", "x"},
                             Words{"run", "\x1b[2J", "--", "x"}}) {
    const auto parsed = parse_arguments(words);
    ASSERT_FALSE(parsed.ok());
    const std::string text = parsed.error().describe();
    EXPECT_FALSE(text.empty());
    for (const char c : text) EXPECT_GE(c, ' ') << text;
  }
}

TEST(Arguments, ATimeIsAWholeNumberWithAUnitAndNeverABusyLoop) {
  EXPECT_EQ(parse_duration_ms("100ms"), 100);
  EXPECT_EQ(parse_duration_ms("10s"), 10'000);
  EXPECT_EQ(parse_duration_ms("2m"), 120'000);
  EXPECT_EQ(parse_duration_ms("24h"), 86'400'000);
  for (const char* text : {"", "0s", "-1s", "nan", "inf", "infs", "1", "s", "99ms", "0.5s", "1e3s",
                           " 1s", "1s ", "25h", "99999999999999999999s", "1d"}) {
    EXPECT_FALSE(parse_duration_ms(text)) << text;
    const std::string option = std::string("--watch-parent=") + text;
    EXPECT_FALSE(parse_arguments({"run", "web", option, "--", "x"}).ok()) << text;
  }
}

TEST(Arguments, OfEnsureBecomeThoseOfTheRunThatItStarts) {
  const auto parsed =
      parse_arguments({"ensure", "web", "--ready", "line:listening on", "--side-file=web.port",
                       "--side-file", "web.url", "--drain=2s", "--grace=3s", "--", "a", "--b"});
  ASSERT_TRUE(parsed.ok()) << parsed.error().what;
  const auto& ensure = std::get<EnsureArguments>(parsed.value());
  EXPECT_EQ(ensure.grace_ms, 3000);
  const std::vector<std::string> words = words_of_run(ensure.run, "/d");
  const auto again = parse_arguments({words.begin(), words.end()});
  ASSERT_TRUE(again.ok()) << again.error().what;
  const auto& run = std::get<RunArguments>(again.value());
  EXPECT_EQ(run.managed, Managed::kAuto);
  EXPECT_EQ(run.state_dir, "/d");
  EXPECT_EQ(run.drain_ms, 2000);
  EXPECT_EQ(run.ready->text, "listening on");
  EXPECT_EQ(run.side_files, (std::vector<std::string>{"web.port", "web.url"}));
  EXPECT_EQ(run.command, (std::vector<std::string>{"a", "--b"}));
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
