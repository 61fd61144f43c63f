// SPDX-License-Identifier: Apache-2.0
#include "subject/scenario_write.h"

#include <gtest/gtest.h>

#include "subject/test_subjects.h"

namespace lockproof {
namespace {

Scenario read(std::string_view text) {
  auto result = parse_scenario(text, "x.toml", "testing/x");
  EXPECT_TRUE(result.ok()) << result.error().sentence << "\n" << text;
  return result.ok() ? *result : Scenario{};
}

void expect_same_again(std::string_view text) {
  const Scenario scenario = read(text);
  const std::string written = write_scenario(scenario);
  EXPECT_TRUE(read(written) == scenario) << written;
}

TEST(ScenarioWrite, WhatWasReadIsReadAgain) {
  expect_same_again(testing::kGoodBuiltin);
  expect_same_again(testing::kGoodWrapper);
  expect_same_again("title = 't'\nsubject = 'testing/lock'\n");
  expect_same_again("title = 't'\nsubject = 'testing/bare'\n[faults]\n");
  expect_same_again(R"(title = "t"
source = "somewhere 7"
covers = ["T-R1", "T-R2"]
subject = "testing/lock"
setup = ["run"]
cast = ["stop", ["run", "stop"]]
namespaces = [0, 1, 2, 3]
invariants = ["one_owner"]
[faults]
kill = 0
clock_step = "1500ms"
)");
  expect_same_again(R"(title = "t"
[subject]
kind = "worker"
name = "w"
run = ["/usr/bin/python3", "{here}/worker.py", "{dir}/lock"]
says = { acquired = "HELD", busy = "BUSY", released = "GONE" }
package = "python3-x"
probe = ["/usr/bin/python3", "-c", "import x"]
record = "{dir}/pid"
lock = "{dir}/lock"
)");
  expect_same_again(R"(title = "t"
cast = ["start", ["stop", "start"], "status"]
[subject]
kind = "daemon"
start = ["d", "start"]
stop = ["d", "stop"]
status = ["d", "status"]
owners = { argv = "d \"s\\wart" }
loser = "reuses"
record = { path = "{dir}/pid", read = "regex:pid=([0-9]+) " }
)");
  expect_same_again(R"(title = "t"
[subject]
kind = "daemon"
run = ["d", "start"]
owners = { ready = "up" }
loser = "stays"
)");
}

TEST(ScenarioWrite, TextThatMeansSomethingToTomlStaysText) {
  Scenario scenario = read("title = 't'\nsubject = 'testing/lock'\n");
  scenario.title = R"(a "quoted" \ title, with [brackets] = and # signs)";
  scenario.files["d \"e\"/f"] = "'\t\x01\n\x7f\"\\u00e9\xc3\xa9'";
  EXPECT_TRUE(read(write_scenario(scenario)) == scenario) << write_scenario(scenario);
}

TEST(ScenarioWrite, ReadsLikeAFileThatAPersonWrote) {
  EXPECT_EQ(write_scenario(read(testing::kGoodBuiltin)), R"(title = "a lock"
subject = "testing/lock"
cast = [["stop", "run"], ["run"]]
invariants = ["one_owner", "record_names_owner"]
[files]
"other/file" = "'12\u000a'"
"record" = "dead"
[faults]
kill = 2
slow_shutdown = "30s"
[mutants]
"testing/lock_unchecked" = "one_owner"
[bounds]
recover = "7s"
wait_attempts = 30
[stress]
processes = 32
duration = "2m"
[expect]
verdict = "violated"
invariant = "one_owner"
states = 1523
steps = 9
)");
}

}  // namespace
}  // namespace lockproof
