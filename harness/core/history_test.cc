// SPDX-License-Identifier: Apache-2.0
#include "core/history.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

#include "core/json.h"
#include "core/text.h"

namespace lockproof {
namespace {

const std::string kHeader =
    R"({"schema":1,"kind":"history","scenario":"s","subject":"x","world":"sim","excerpt":false})"
    "\n";

Result<History> read(const std::string& text) {
  std::istringstream in(text);
  return read_history(in, "h.jsonl");
}

std::string error_of(const std::string& text) {
  const auto history = read(text);
  return history ? "no error" : history.error().sentence;
}

std::string written(const History& history) {
  std::ostringstream out;
  EXPECT_TRUE(write_history(history, out).ok());
  return out.str();
}

TEST(History, LooksAsDocumented) {
  History history{"memtomem/unlink", "naive", "stress", true, {}};
  history.events.push_back({1, 1, Kind::kStart, Phase::kPoint, Object::kNone, 0, 41, "A"});
  history.events.push_back({7, 2, Kind::kLook, Phase::kEnd, Object::kRecord, 1, seen::kTorn, ""});
  EXPECT_EQ(written(history),
            R"({"schema":1,"kind":"history","scenario":"memtomem/unlink","subject":"naive",)"
            R"("world":"stress","excerpt":true})"
            "\n"
            R"({"seq":1,"life":1,"kind":"start","value":41,"detail":"A"})"
            "\n"
            R"({"seq":7,"life":2,"kind":"look","phase":"end","object":"record","target":1,)"
            R"("value":-2})"
            "\n");
}

TEST(History, HostileDetailsAreAsciiOnTheirLine) {
  History history;
  history.events.push_back({1, 1, Kind::kStart, {}, {}, 0, 1, "\xff\n\x1b]52;c;\u202e##vso[x]"});
  const std::string text = written(history);
  for (unsigned char c : text) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));
  EXPECT_EQ(text.find("##"), std::string::npos);
  const auto back = read(text);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->events[0].detail, "\\xff\n\x1b]52;c;\u202e##vso[x]");
}

TEST(History, DetailsAreCutAtTheirBound) {
  History history;
  history.events.push_back({1, 1, Kind::kStart, {}, {}, 0, 1, std::string(1000, '\xff')});
  EXPECT_LT(written(history).size(), 2 * kDetailBytes + 200) << "a backslash is two in JSON";
  EXPECT_LE(read(written(history))->events[0].detail.size(), kDetailBytes);
  EXPECT_EQ(read(kHeader + R"({"seq":1,"life":1,"kind":"tick","detail":")" +
                 std::string(1000, 'a') + "\"}")
                ->events[0]
                .detail.size(),
            kDetailBytes);
}

TEST(History, UnknownMembersAreIgnored) {
  EXPECT_TRUE(read(R"({"schema":1,"kind":"history","host":{"os":["x"]}})"
                   "\n"
                   R"({"seq":1,"life":1,"kind":"tick","cpu":[1,2]})")
                  .ok());
}

TEST(History, NamesFileAndLineAndWhatWasExpected) {
  EXPECT_EQ(error_of(""),
            "h.jsonl:1: expected a header such as {\"schema\":1,\"kind\":\"history\"}, found "
            "nothing");
  EXPECT_EQ(error_of("[]"),
            "h.jsonl:1: expected a header such as {\"schema\":1,\"kind\":\"history\"}");
  EXPECT_EQ(error_of("{\"schema\":1,"), "h.jsonl:1: expected JSON; it goes wrong at byte 13");
  EXPECT_EQ(error_of(R"({"schema":2,"kind":"history"})"),
            "h.jsonl:1: schema 2 is not known; expected 1 to 1 (a newer lockproof may have "
            "written this)");
  EXPECT_EQ(error_of(R"({"schema":1,"kind":"run"})"),
            "h.jsonl:1: expected 'kind' to be 'history', not 'run'");
  EXPECT_EQ(error_of(kHeader + "{}"), "h.jsonl:2: expected the event to have 'seq'");
  EXPECT_EQ(error_of(kHeader + "[1]"), "h.jsonl:2: expected an event, which is a JSON object");
  EXPECT_EQ(error_of(kHeader + R"({"seq":1,"life":1,"kind":"o\u001bns"})"),
            "h.jsonl:2: expected 'kind' to be a name that docs/HISTORY.md lists, not 'o\\x1bns'");
  EXPECT_EQ(error_of(kHeader + R"({"seq":"1","life":1,"kind":"tick"})"),
            "h.jsonl:2: expected 'seq' to be a whole number from 0, not \"1\"");
  EXPECT_EQ(error_of(kHeader + "\n"), "h.jsonl:2: expected JSON; it goes wrong at byte 1");
}

TEST(History, RefusesWhatIsNotAnEvent) {
  for (const char* event : {
           R"({"seq":-1,"life":1,"kind":"tick"})",
           R"({"seq":0,"life":1,"kind":"tick"})",
           R"({"seq":1.5,"life":1,"kind":"tick"})",
           R"({"seq":1e999,"life":1,"kind":"tick"})",
           R"({"seq":18446744073709551616,"life":1,"kind":"tick"})",
           R"({"seq":1,"life":4294967296,"kind":"tick"})",
           R"({"seq":1,"life":1,"kind":"tick","value":9223372036854775808})",
           R"({"seq":1,"life":1,"kind":"tick","value":true})",
           R"({"seq":1,"life":1,"kind":null})",
           R"({"seq":1,"life":1,"kind":"tick","phase":"middle"})",
           R"({"seq":1,"life":1,"kind":"tick","object":"disk"})",
           R"({"seq":1,"life":1,"kind":"tick","detail":1})",
           R"({"seq":1,"life":1,"kind":"tick","target":-1})",
           R"({"seq":1,"life":1})",
           R"({"seq":1,"life":1,"kind":"tick"} {})",
           "\xff",
       }) {
    EXPECT_EQ(error_of(kHeader + event).substr(0, 20), "h.jsonl:2: expected ") << event;
  }
}

TEST(History, RefusesEventsOutOfOrder) {
  const std::string event = R"({"seq":5,"life":1,"kind":"tick"})";
  EXPECT_EQ(error_of(kHeader + event + "\n" + event),
            "h.jsonl:3: expected 'seq' to be above 5, not 5");
}

TEST(History, HostileFilesAreRefusedAtTheirFirstBound) {
  EXPECT_EQ(error_of(std::string(100'000'000, 'a')),
            "h.jsonl:1: expected a line of at most 1048576 bytes");
  EXPECT_EQ(error_of(std::string(1'000'000, '[')),
            "h.jsonl:1: expected at most 8 levels of nesting");
}

TEST(History, SaysThatTheStreamFailed) {
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  const auto result = write_history({}, out);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, Error::Kind::kInternal);
}

RC_GTEST_PROP(History, ReadsWhatItWrote, ()) {
  History history;
  history.scenario = valid_utf8(*rc::gen::string<std::string>());
  history.subject = valid_utf8(*rc::gen::string<std::string>());
  history.world = *rc::gen::element<std::string>("sim", "live", "stress");
  history.excerpt = *rc::gen::arbitrary<bool>();
  std::uint64_t seq = 0;
  const auto events = *rc::gen::inRange(0, 20);
  for (int i = 0; i < events; ++i) {
    seq += *rc::gen::inRange<std::uint64_t>(1, 1ull << 40);
    history.events.push_back(
        {seq, *rc::gen::arbitrary<Life>(),
         static_cast<Kind>(*rc::gen::inRange(0, static_cast<int>(Kind::kTick) + 1)),
         static_cast<Phase>(*rc::gen::inRange(0, 3)), static_cast<Object>(*rc::gen::inRange(0, 5)),
         *rc::gen::arbitrary<Life>(), *rc::gen::arbitrary<std::int64_t>(),
         std::string(first_characters(valid_utf8(*rc::gen::string<std::string>()), kDetailBytes))});
  }
  const auto back = read(written(history));
  RC_ASSERT(back.ok());
  RC_ASSERT(back->scenario == history.scenario);
  RC_ASSERT(back->subject == history.subject);
  RC_ASSERT(back->world == history.world);
  RC_ASSERT(back->excerpt == history.excerpt);
  RC_ASSERT(back->events == history.events);
}

}  // namespace
}  // namespace lockproof
