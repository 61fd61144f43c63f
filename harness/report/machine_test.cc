// SPDX-License-Identifier: Apache-2.0
// SARIF, traces and annotations, read by another reader, whatever names hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/report.h"
#include "report/samples.h"

namespace lockproof {
namespace {

using nlohmann::json;

bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte < 0x7f) || c == '\n';
  });
}

TEST(Sarif, PointsAtTheLineAndHasAFlowAProcess) {
  const json run = json::parse(sarif_report({samples::stepped()}, "0.1.0"))["runs"][0];
  const json& result = run["results"][0];
  EXPECT_EQ(result["ruleId"], "one_owner");
  EXPECT_EQ(run["tool"]["driver"]["rules"][0]["id"], "one_owner");
  const json& place = result["locations"][0]["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"]["uri"], "scenarios/wild/looks_first.toml");
  EXPECT_EQ(place["region"]["startLine"], 7);
  const json& flows = result["codeFlows"][0]["threadFlows"];
  ASSERT_EQ(flows.size(), 2u);
  EXPECT_EQ(flows[0]["id"], "A pid 1001");
  EXPECT_EQ(flows[1]["locations"][1]["executionOrder"], 4);
  EXPECT_EQ(flows[1]["locations"][1]["importance"], "essential");
}

std::string fingerprint(const RunResult& result) {
  return json::parse(sarif_report({result}, ""))["runs"][0]["results"][0]["partialFingerprints"].at(
      "primaryLocationLineHash");
}

TEST(Sarif, KnowsAPromiseOfAScenarioAgainByAnotherRun) {
  RunResult other = samples::stepped();
  other.replay = "another";
  other.findings[0].why = "otherwise";
  EXPECT_EQ(fingerprint(samples::stepped()), fingerprint(other));
  other.scenario += "2";
  EXPECT_NE(fingerprint(samples::stepped()), fingerprint(other));
}

TEST(Sarif, WhatIsKnownIsSuppressedAndWhatWasNotJudgedIsNoResult) {
  RunResult known = samples::stepped();
  known.known = "ticket 7 (until 2027-01-31)";
  const json run = json::parse(
      sarif_report({known, samples::inconclusive(), samples::skipped()}, ""))["runs"][0];
  ASSERT_EQ(run["results"].size(), 1u);
  EXPECT_EQ(run["results"][0]["suppressions"][0]["justification"], known.known);
  EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"].size(), 2u);
}

TEST(Sarif, AFileIsAUriWhateverItsName) {
  const std::string text = sarif_report({samples::hostile()}, "\xff");
  EXPECT_TRUE(is_plain(text));
  const json result = json::parse(text)["runs"][0]["results"][0];
  EXPECT_EQ(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "dir%20with%20spaces/a%2Cb%3Ac%25%0A%FF.toml");
}

TEST(Trace, SlicesOfATrackFollowEachOther) {
  for (const RunResult& result : {samples::stepped(), samples::violated(), samples::hostile()}) {
    const std::string text = trace_report({result, result}, "0.1.0");
    EXPECT_TRUE(is_plain(text));
    std::map<std::pair<int, int>, double> ends;
    std::set<int> named;
    const json trace = json::parse(text);
    for (const json& event : trace["traceEvents"]) {
      if (event["name"] == "process_name") named.insert(event["pid"].get<int>());
      if (event["ph"] != "X") continue;
      EXPECT_TRUE(named.contains(event["pid"].get<int>()));
      double& end = ends[{event["pid"], event["tid"]}];
      EXPECT_GE(event["ts"].get<double>(), end);
      EXPECT_GT(event["dur"].get<double>(), 0);
      end = event["ts"].get<double>() + event["dur"].get<double>();
    }
    EXPECT_FALSE(ends.empty());
  }
}

TEST(Annotations, StandAtTheLineAndObeyNobody) {
  RunResult known = samples::stepped();
  known.known = "ticket 7";
  EXPECT_EQ(
      github_annotations({known, samples::holds(), samples::skipped()}),
      "::warning file=scenarios/wild/looks_first.toml,line=7,title=violated wild/looks_first::"
      "known (ticket 7): at no time two owners: life 3 was told that it owns while life 1 had "
      "owned%0AReplay: lockproof replay wild/looks_first@v1:ACAC~5e21c0d4\n");
  const std::string hostile = github_annotations({samples::hostile()});
  EXPECT_EQ(std::count(hostile.begin(), hostile.end(), '\n'), 1);
  EXPECT_TRUE(hostile.starts_with(
      "::error file=dir with spaces/a%2Cb%3Ac%25\\x0a\\xff.toml,line=3,title=violated "
      "wild/hostile::"))
      << hostile;
}

TEST(Annotations, AreNoMoreThanAreShown) {
  const std::vector<RunResult> many(25, samples::stepped());
  const std::string text = github_annotations(many);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_NE(text.find("and 16 more"), std::string::npos);
}

TEST(StepSummary, HasARowForEachThatDoesNotHoldAndObeysNobody) {
  RunResult known = samples::stepped();
  known.known = "ticket 7";
  EXPECT_EQ(github_summary({known, samples::holds()}),
            "### lockproof: 2 scenarios: 1 saw no violation, 1 violated, 1 of them known\n\n"
            "| verdict | scenario | why | replay |\n|---|---|---|---|\n"
            "| violated | wild/looks&#95;first | known &#40;ticket 7&#41;: at no time two owners | "
            "<code>lockproof replay wild/looks&#95;first&#64;v1:ACAC&#126;5e21c0d4</code> |\n\n");
  EXPECT_EQ(github_summary({samples::holds()}).find('|'), std::string::npos);
  RunResult hostile = samples::hostile();
  hostile.scenario = "a|b<img>`*\n| c |";
  const std::string text = github_summary({hostile});
  EXPECT_NE(text.find("| a&#124;b&#60;img&#62;&#96;&#42;&#92;x0a&#124; c &#124; |"),
            std::string::npos)
      << text;
  const std::string many = github_summary(std::vector<RunResult>(60, samples::stepped()));
  EXPECT_NE(many.find("\nand 10 more"), std::string::npos);
  EXPECT_EQ(std::count(many.begin(), many.end(), '\n'), 57);
}

TEST(Explanation, SaysWhatIsSoAndWhatTheOtherOrderGives) {
  RunResult result = samples::stepped();
  const std::string text = explanation(result, 80);
  EXPECT_NE(text.find("now: A, C own"), std::string::npos) << text;
  EXPECT_NE(text.find("after step 2 of C, with which its order counts"), std::string::npos) << text;
  EXPECT_NE(text.find("In the other order A: open"), std::string::npos) << text;
  EXPECT_NE(explanation(samples::holds(), 80).find("no run was kept"), std::string::npos);
  for (const RunResult& one : {samples::hostile(), samples::violated()}) {
    const std::string page = explanation(one, 60);
    EXPECT_EQ(page.find('\x1b'), std::string::npos);
    EXPECT_EQ(page.find("\n::"), std::string::npos);
  }
}

}  // namespace
}  // namespace lockproof
