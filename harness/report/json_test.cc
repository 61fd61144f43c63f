// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text.h"
#include "report/report.h"
#include "report/samples.h"

namespace lockproof {
namespace {

std::string text_of() {
  return valid_utf8(*rc::gen::oneOf(
      rc::gen::arbitrary<std::string>(),
      rc::gen::element<std::string>("", "\"", "\\u0000", "##vso[x]", "###", "\xff", "\u202e",
                                    std::string(1, '\0'), "\U0010ffff", "counts")));
}

OnLinux on_linux() {
  return {*rc::gen::element<std::optional<bool>>(std::nullopt, false, true), text_of()};
}

std::vector<std::string> texts() {
  std::vector<std::string> list(*rc::gen::inRange<std::size_t>(0, 4));
  for (std::string& text : list) text = text_of();
  return list;
}

std::vector<Event> events() {
  std::vector<Event> list(*rc::gen::inRange<std::size_t>(0, 5));
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i] = {i + 1,
               *rc::gen::arbitrary<Life>(),
               static_cast<Kind>(*rc::gen::inRange(0, static_cast<int>(Kind::kTick) + 1)),
               static_cast<Phase>(*rc::gen::inRange(0, 3)),
               static_cast<Object>(*rc::gen::inRange(0, 5)),
               *rc::gen::arbitrary<Life>(),
               *rc::gen::arbitrary<std::int64_t>(),
               std::string(first_characters(text_of(), kDetailBytes))};
  }
  return list;
}

RunResult any_result() {
  RunResult result;
  result.scenario = text_of();
  result.subject = text_of();
  result.world = text_of();
  result.strategy = text_of();
  result.verdict = static_cast<Verdict>(*rc::gen::inRange(0, 4));
  result.reason = {*rc::gen::elementOf(std::vector{ErrorCode::kNone, ErrorCode::kTimeBudget}),
                   text_of()};
  result.bounds = text_of();
  result.invariants = texts();
  for (const std::string& text : texts()) {
    result.findings.push_back({text, text_of(), static_cast<FindingClass>(*rc::gen::inRange(0, 3)),
                               text_of(), events(), text.size()});
  }
  const auto names = texts();
  for (const std::string& name :
       std::set<std::string, std::greater<>>(names.begin(), names.end())) {
    result.counts.emplace_back(name, *rc::gen::arbitrary<std::uint64_t>());
  }
  result.notes = texts();
  result.replay = text_of();
  result.seconds = *rc::gen::inRange(0, 1'000'000) / 7.0;
  result.seed = *rc::gen::arbitrary<std::uint64_t>();
  for (const std::string& text : texts()) {
    result.mutants.push_back({text, *rc::gen::arbitrary<bool>(), text_of(),
                              *rc::gen::arbitrary<std::uint64_t>(), on_linux()});
  }
  result.exhausted = text_of();
  result.version = text_of();
  result.steps = *rc::gen::arbitrary<std::uint64_t>();
  result.shortest = *rc::gen::arbitrary<bool>();
  result.on_linux = on_linux();
  result.file = text_of();
  result.swapped = texts();
  result.known = text_of();
  result.pair = *rc::gen::inRange<std::uint64_t>(0, 3);
  for (const std::string& text : texts()) {
    result.run.push_back({*rc::gen::arbitrary<Life>(), text.size(), text.size() / 2});
  }
  result.history = {text_of(), text_of(), text_of(), *rc::gen::arbitrary<bool>(), events()};
  return result;
}

bool same(const Finding& a, const Finding& b) {
  return a.invariant == b.invariant && a.sentence == b.sentence &&
         a.finding_class == b.finding_class && a.why == b.why && a.events == b.events &&
         a.line == b.line;
}
bool same(const MutantResult& a, const MutantResult& b) {
  return a.name == b.name && a.caught == b.caught && a.invariant == b.invariant &&
         a.steps == b.steps && a.on_linux == b.on_linux;
}
bool same(const RunStep& a, const RunStep& b) {
  return a.life == b.life && a.last == b.last && a.after == b.after;
}
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const T& x, const T& y) { return same(x, y); });
}

// Member by member, not by text: what is not written at all must not go unnoticed.
RC_GTEST_PROP(JsonResult, ParsesWhatItWrote, ()) {
  const RunResult a = any_result();
  const auto parsed = parse_json_result(json_result(a));
  RC_ASSERT(parsed.ok());
  const RunResult& b = *parsed;
  RC_ASSERT(a.scenario == b.scenario);
  RC_ASSERT(a.subject == b.subject);
  RC_ASSERT(a.world == b.world);
  RC_ASSERT(a.strategy == b.strategy);
  RC_ASSERT(a.verdict == b.verdict);
  RC_ASSERT(a.reason == b.reason);
  RC_ASSERT(a.reason.code == b.reason.code);
  RC_ASSERT(a.bounds == b.bounds);
  RC_ASSERT(a.invariants == b.invariants);
  RC_ASSERT(same(a.findings, b.findings));
  RC_ASSERT(a.counts == b.counts);
  RC_ASSERT(a.notes == b.notes);
  RC_ASSERT(a.replay == b.replay);
  RC_ASSERT(a.seconds == b.seconds);
  RC_ASSERT(a.seed == b.seed);
  RC_ASSERT(same(a.mutants, b.mutants));
  RC_ASSERT(a.exhausted == b.exhausted);
  RC_ASSERT(a.version == b.version);
  RC_ASSERT(a.steps == b.steps);
  RC_ASSERT(a.shortest == b.shortest);
  RC_ASSERT(a.on_linux == b.on_linux);
  RC_ASSERT(a.pair == b.pair);
  RC_ASSERT(a.file == b.file);
  RC_ASSERT(a.swapped == b.swapped);
  RC_ASSERT(a.known == b.known);
  RC_ASSERT(same(a.run, b.run));
  RC_ASSERT(a.history.scenario == b.history.scenario);
  RC_ASSERT(a.history.subject == b.history.subject);
  RC_ASSERT(a.history.world == b.history.world);
  RC_ASSERT(a.history.excerpt == b.history.excerpt);
  RC_ASSERT(a.history.events == b.history.events);
}

TEST(JsonResult, IsOneLineThatNoTerminalAndNoCiServiceObeys) {
  for (const std::string& text :
       {json_result(samples::hostile()), json_report({samples::hostile()}, "\xff##[")}) {
    for (unsigned char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));
    EXPECT_EQ(text.find("##"), std::string::npos);
  }
  EXPECT_EQ(json_result(samples::hostile()).find('\n'), std::string::npos);
}

TEST(JsonResult, WhatIsNoNumberIsWrittenAsZero) {
  RunResult result = samples::holds();
  result.seconds = std::numeric_limits<double>::infinity();
  const auto parsed = parse_json_result(json_result(result));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->seconds, 0);
}

TEST(JsonResult, KeepsTheOrderOfTheCounts) {
  const auto parsed = parse_json_result(json_result(samples::holds()));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->counts, samples::holds().counts);
}

std::string error_of(const std::string& text) {
  const auto parsed = parse_json_result(text);
  if (parsed) return "no error";
  EXPECT_EQ(parsed.error().kind, Error::Kind::kInternal);
  return parsed.error().sentence;
}

TEST(JsonResult, RefusesWhatIsNotOne) {
  EXPECT_EQ(error_of(""), "result of a run: expected JSON; it goes wrong at byte 1");
  EXPECT_EQ(error_of("[]"), "result of a run: expected an object");
  EXPECT_EQ(error_of("{}"), "result of a run: expected 'schema' 1");
  EXPECT_EQ(error_of(R"({"schema":1})"), "result of a run: expected 'verdict' to be known, not ''");
  EXPECT_EQ(error_of(R"({"schema":1,"verdict":"maybe"})"),
            "result of a run: expected 'verdict' to be known, not 'maybe'");
  EXPECT_EQ(error_of(R"({"schema":1,"verdict":"holds"})"), "no error");
  for (const char* member :
       {R"("scenario":1)", R"("seconds":"1")", R"("seed":-1)", R"("invariants":"x")",
        R"("invariants":[1])", R"("counts":[])", R"("counts":{"a":-1})", R"("findings":{})",
        R"("findings":[{"class":"odd"}])", R"("findings":[1])", R"("mutants":[{"caught":1}])",
        R"("pair":4)", R"("pair":[4])", R"("pair":["a","b"])", R"("run":[{"life":4294967296}])",
        R"("steps":-1)", R"("history":[])", R"("history":{"events":[{"seq":1}]})",
        R"("notes":{})"}) {
    EXPECT_NE(error_of(R"({"schema":1,"verdict":"holds",)" + std::string(member) + "}"), "no error")
        << member;
  }
  EXPECT_NE(error_of(std::string(1'000'000, '[')), "no error");
  const std::string whole = json_result(samples::violated());
  for (std::size_t i = 0; i < whole.size(); ++i)
    EXPECT_NE(error_of(whole.substr(0, i)), "no error");
}

TEST(JsonReport, NamesTheFirstFinding) {
  const auto json =
      nlohmann::json::parse(json_report({samples::holds(), samples::violated()}, "0.1.0"));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["version"], "0.1.0");
  EXPECT_EQ(json["results"].size(), 2u);
  EXPECT_TRUE(json["results"][0]["invariant"].is_null());
  EXPECT_EQ(json["results"][0]["counts"]["owners"], 18231);
  EXPECT_EQ(json["results"][1]["invariant"], "one_owner");
  EXPECT_EQ(json["results"][1]["sentence"], "at no time two owners");
  EXPECT_EQ(json["results"][1]["verdict"], "violated");
}

}  // namespace
}  // namespace lockproof
