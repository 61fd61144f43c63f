// SPDX-License-Identifier: Apache-2.0
#include "core/text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lockproof {
namespace {

// What a reader of escaped text does; the CI breakers are the backslashes before ':' and '#'.
std::string unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
    } else if (text[i + 1] == '\\') {
      bytes += text[++i];
    } else if (text[i + 1] == 'x') {
      bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else if (text[i + 1] == 'u') {
      const std::size_t end = text.find('}', i);
      const auto code = std::stoul(std::string(text.substr(i + 3, end - i - 3)), nullptr, 16);
      const auto put = [&](unsigned long byte) { bytes += static_cast<char>(byte); };
      if (code >= 0x10000) {
        put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 63));
      } else if (code >= 0x800) {
        put(0xe0 | code >> 12);
      } else {
        put(0xc0 | code >> 6);
      }
      if (code >= 0x800) put(0x80 | (code >> 6 & 63));
      put(0x80 | (code & 63));
      i = end;
    }
  }
  return bytes;
}

// Pieces that matter, so that random strings meet the rules.
rc::Gen<std::string> hostile() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
          rc::gen::arbitrary<std::string>(),
          rc::gen::element<std::string>("::", "##", "[", "##[", "##vso[", "#", "\\", " ", "\n", "é",
                                        "\u202e", "\u2066", "\U000e0041", "\xc0\x80",
                                        "\xed\xa0\x80", "\xf5", "\x1b]52;c;", "日本", "\U0001f512",
                                        "\u00a0", "\x7f", "\u0085", std::string(1, '\0')))),
      [](const std::vector<std::string>& pieces) {
        std::string all;
        for (const std::string& piece : pieces) all += piece;
        return all;
      });
}

TEST(Escape, PlainTextIsItself) {
  EXPECT_EQ(escape(""), "");
  EXPECT_EQ(escape("pid 41: a:b ::"), "pid 41: a:b ::");
  EXPECT_EQ(escape("é 日本 \U0001f512"), "é 日本 \U0001f512");
}

TEST(Escape, ControlsAndWhatIsNotUtf8AreSpelled) {
  EXPECT_EQ(escape("a\nb\tc\r\x1b[31m\x7f"), "a\\x0ab\\x09c\\x0d\\x1b[31m\\x7f");
  EXPECT_EQ(escape(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(escape("\xff\xc0\x80"), "\\xff\\xc0\\x80");
  EXPECT_EQ(escape("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(escape("\xe2\x82"), "\\xe2\\x82") << "cut in the middle";
  EXPECT_EQ(escape("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
  EXPECT_EQ(escape("a\\x0a"), "a\\\\x0a") << "a literal is not taken for an escape";
}

TEST(Escape, WhatIsNotSeenIsSpelled) {
  EXPECT_EQ(escape("\u0085"), "\\u{0085}");
  for (const char* character :
       {"\u202a", "\u202e", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c", "\u2028", "\u2029",
        "\u200b", "\ufeff", "\ue000", "\ufdd0", "\uffff", "\u00ad", "\U000e0041", "\U0010ffff"}) {
    EXPECT_EQ(escape(character).substr(0, 3), "\\u{") << escape(character);
  }
}

TEST(Escape, NothingStartsACiCommand) {
  EXPECT_EQ(escape("::error::x"), "\\::error::x");
  EXPECT_EQ(escape("  ::error::x"), "  \\::error::x");
  EXPECT_EQ(escape("\u00a0::error::x"), "\u00a0\\::error::x");
  EXPECT_EQ(escape("a ##vso[task.complete]"), "a #\\#vso[task.complete]");
  EXPECT_EQ(escape("###[error]"), "##\\#[error]");
  EXPECT_EQ(escape("##teamcity[x]"), "#\\#teamcity[x]");
  EXPECT_EQ(escape("## heading [1]"), "## heading [1]");
}

TEST(Escape, IsCutBetweenCharacters) {
  EXPECT_EQ(escape("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(escape("abcdefghi", 8), "abcde…");
  EXPECT_EQ(escape("abcd\xff\xff", 8), "abcd…");
  EXPECT_EQ(escape("ééééé", 8), "éé…");
  EXPECT_EQ(escape("abc", 0), "abc") << "three bytes is the least, because the ellipsis has them";
}

TEST(Escape, TenMegabytesCostNoMoreThanTheLimit) {
  for (int i = 0; i < 3; ++i) EXPECT_LE(escape(std::string(10'000'000, '\xff')).size(), 256u);
}

RC_GTEST_PROP(Escape, CanBeReadBack, ()) {
  const std::string bytes = *hostile();
  RC_ASSERT(unescape(escape(bytes, 1'000'000)) == bytes);
}

RC_GTEST_PROP(Escape, IsOneHarmlessLineWithinItsLimit, ()) {
  const std::string bytes = *hostile();
  const auto limit = *rc::gen::inRange<std::size_t>(3, 60);
  const std::string text = escape(bytes, limit);
  RC_ASSERT(text.size() <= limit);
  RC_ASSERT(valid_utf8(text) == text);
  for (unsigned char c : text) RC_ASSERT(c >= 0x20 && c != 0x7f);
  for (const char* bad : {"##[", "##vso[", "\u202e", "\u2066", "\U000e0041"}) {
    RC_ASSERT(text.find(bad) == std::string::npos);
  }
  const std::size_t first = text.find_first_not_of(" \xc2\xa0");
  if (first != std::string::npos) RC_ASSERT(text.compare(first, 2, "::") != 0);
}

RC_GTEST_PROP(ValidUtf8, IsValidAndChangesNothingThatIs, ()) {
  const std::string text = valid_utf8(*hostile());
  RC_ASSERT(valid_utf8(text) == text);
}

TEST(FirstCharacters, NeverCutOne) {
  EXPECT_EQ(first_characters("aé日", 2), "a");
  EXPECT_EQ(first_characters("aé日", 3), "aé");
  EXPECT_EQ(first_characters("aé日", 6), "aé日");
  EXPECT_EQ(width("aé日"), 3u);
}

TEST(Nearest, FindsASlipAndNothingElse) {
  const std::vector<std::string> names = {"kill", "term", "stop", "stall", "one_owner"};
  EXPECT_EQ(nearest("kil", names), "kill");
  EXPECT_EQ(nearest("KILL", names), "kill");
  EXPECT_EQ(nearest("temr", names), "term");
  EXPECT_EQ(nearest("one-owner", names), "one_owner");
  EXPECT_EQ(nearest("zebra", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(64, 'k'), {std::string(63, 'k')}), std::string(63, 'k'));
  EXPECT_EQ(nearest(std::string(65, 'k'), {std::string(64, 'k')}), "") << "cost is bounded";
}

TEST(Suggestion, NamesTheNearestOrAll) {
  EXPECT_EQ(suggestion("kil", {"kill", "term"}), "; did you mean 'kill'?");
  EXPECT_EQ(suggestion("zebra", {"kill", "term"}), "; known are kill, term");
  EXPECT_EQ(suggestion("zebra", {}), "");
  EXPECT_EQ(suggestion("zebra", {"\x1b[1m"}), "; known are \\x1b[1m");
}

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(parse_duration_ms("90"), 90'000);
  EXPECT_EQ(parse_duration_ms("30s"), 30'000);
  EXPECT_EQ(parse_duration_ms("150ms"), 150);
  EXPECT_EQ(parse_duration_ms("2m"), 120'000);
  EXPECT_EQ(parse_duration_ms("1h"), 3'600'000);
  EXPECT_EQ(parse_duration_ms("1000000000000ms"), 1'000'000'000'000);
  for (const char* bad : {"", "s", "-1s", "+1s", "1.5s", "1 s", "1d", "1S", "1000000000001ms",
                          "99999999999999999999999h", "0x10s", "1ss"}) {
    EXPECT_EQ(parse_duration_ms(bad), -1) << bad;
  }
}

TEST(Duration, IsShownInTheLargestUnitThatFits) {
  EXPECT_EQ(format_duration_ms(0), "0s");
  EXPECT_EQ(format_duration_ms(150), "150ms");
  EXPECT_EQ(format_duration_ms(90'000), "90s");
  EXPECT_EQ(format_duration_ms(120'000), "2m");
}

RC_GTEST_PROP(Duration, ReadsWhatItShows, ()) {
  const auto ms = *rc::gen::inRange<long long>(0, 1'000'000'000'001);
  RC_ASSERT(parse_duration_ms(format_duration_ms(ms)) == ms);
}

}  // namespace
}  // namespace lockproof
