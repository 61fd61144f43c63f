// SPDX-License-Identifier: Apache-2.0
// Read back by a parser that is not ours.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <pugixml.hpp>
#include <set>

#include "report/report.h"
#include "report/samples.h"
#include "report/xml.h"

namespace lockproof {
namespace {

struct Parsed {
  pugi::xml_document document;
  explicit Parsed(const std::string& text) {
    const auto result = document.load_buffer(text.data(), text.size());
    EXPECT_TRUE(result) << result.description() << " at " << result.offset;
  }
  pugi::xml_node root() const { return document.child("testsuites"); }
};

// XML 1.0 allows these and nothing else; pugixml would let the others pass.
bool only_xml_characters(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\n' && c != '\t') return false;
    if (text.compare(i, 2, "\xef\xbf") == 0 && (text[i + 2] == '\xbe' || text[i + 2] == '\xbf')) {
      return false;
    }
  }
  return true;
}

TEST(Junit, CountsWhatItHolds) {
  const Parsed parsed(junit_report(samples::several(), "0.1.0"));
  const auto root = parsed.root();
  EXPECT_EQ(root.attribute("tests").as_int(), 18);
  EXPECT_EQ(root.attribute("failures").as_int(), 2);
  EXPECT_EQ(root.attribute("errors").as_int(), 3);
  EXPECT_EQ(root.attribute("skipped").as_int(), 3);
  for (const auto suite : root.children("testsuite")) {
    EXPECT_EQ(suite.attribute("tests").as_int(),
              std::distance(suite.children("testcase").begin(), suite.children("testcase").end()));
  }
  EXPECT_EQ(root.select_nodes("//failure").size(), 2u);
  EXPECT_EQ(root.select_nodes("//error[@type='inconclusive']").size(), 3u);
  EXPECT_EQ(root.select_nodes("//skipped").size(), 3u);
}

TEST(Junit, AFailureBeginsAndEndsWithItsReplayLine) {
  const Parsed parsed(junit_report({samples::hostile()}, "0.1.0"));
  const std::string text = parsed.root().select_node("//failure").node().text().get();
  const std::string line = "Replay: " + samples::hostile().replay;
  EXPECT_EQ(text.substr(0, line.size() + 1), line + "\n");
  EXPECT_EQ(text.substr(text.size() - line.size() - 1), "\n" + line);
}

TEST(Junit, NamesAreUnique) {
  RunResult twice = samples::violated();
  twice.invariants.push_back("one_owner");
  twice.findings.push_back(twice.findings[0]);
  twice.findings.push_back({"not_listed", "", FindingClass::kSafety, "", {}});
  const Parsed parsed(junit_report({twice, twice}, "0.1.0"));
  std::set<std::string> names;
  for (const auto suite : parsed.root().children("testsuite")) {
    for (const auto test : suite.children("testcase")) {
      const std::string name =
          std::string(test.attribute("classname").value()) + "\n" + test.attribute("name").value();
      EXPECT_TRUE(names.insert(name).second) << name;
    }
  }
  EXPECT_EQ(names.size(), 10u);
  EXPECT_EQ(parsed.root().attribute("failures").as_int(), 8) << "no finding is lost";
}

TEST(Junit, AScenarioWithoutInvariantsIsOneCase) {
  RunResult result = samples::skipped();
  result.invariants.clear();
  EXPECT_EQ(Parsed(junit_report({result}, "")).root().select_nodes("//skipped").size(), 1u);
  result.verdict = Verdict::kInconclusive;
  EXPECT_EQ(Parsed(junit_report({result}, "")).root().select_nodes("//error").size(), 1u);
  result.verdict = Verdict::kViolated;
  EXPECT_EQ(Parsed(junit_report({result}, "")).root().select_nodes("//failure").size(), 1u);
  result.seconds = std::numeric_limits<double>::quiet_NaN();
  EXPECT_STREQ(Parsed(junit_report({result}, "")).root().attribute("time").value(), "0.000");
}

TEST(Xml, WhatXmlCannotSayIsSpelled) {
  Xml xml;
  xml.text("a", {{"b", "\"<&>\n\x1b"}}, std::string("]]>\0\xff\x0b\uffff\ufffe", 12));
  const std::string text = xml.take();
  EXPECT_TRUE(only_xml_characters(text));
  pugi::xml_document document;
  ASSERT_TRUE(document.load_buffer(text.data(), text.size()));
  EXPECT_STREQ(document.child("a").text().get(), "]]>\\x00\\xff\\x0b\\u{ffff}\\u{fffe}");
}

RC_GTEST_PROP(Junit, IsWellFormedWhateverTheSubjectDid, ()) {
  const auto text = [] {
    return *rc::gen::oneOf(rc::gen::arbitrary<std::string>(),
                           rc::gen::element<std::string>("<a>", "&", "\"", "]]>", "<!--", "\x1b[m",
                                                         std::string(1, '\0'), "\xff", "\uffff"));
  };
  RunResult result = samples::violated();
  result.scenario = text();
  result.subject = text();
  result.invariants = {text(), text()};
  result.findings = {{result.invariants[0], text(), FindingClass::kDesign, text(), {}}};
  result.replay = text();
  result.reason = {ErrorCode::kNobodyOwned, text()};
  result.verdict = static_cast<Verdict>(*rc::gen::inRange(0, 4));
  const std::string report = junit_report({result, result}, text());
  RC_ASSERT(only_xml_characters(report));
  pugi::xml_document document;
  RC_ASSERT(bool(document.load_buffer(report.data(), report.size())));
  RC_ASSERT(document.select_nodes("//testcase").size() == 4u);
  RC_ASSERT(document.select_nodes("//failure").size() == 2u);
}

TEST(Junit, TheCriticalPairIsThatOfTheFirstFinding) {
  RunResult result = samples::stepped();
  Finding other = result.findings[0];
  other.invariant = "recovers";
  result.findings.push_back(other);
  const std::string report = junit_report({result}, "0.1.0");
  const std::string line = "steps 2 and 3: in the other order";
  const std::size_t first = report.find(line);
  ASSERT_NE(first, std::string::npos) << report;
  EXPECT_EQ(report.find(line, first + 1), std::string::npos) << report;
}

}  // namespace
}  // namespace lockproof
