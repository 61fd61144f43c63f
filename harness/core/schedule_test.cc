// SPDX-License-Identifier: Apache-2.0
#include "core/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lockproof {
namespace {

rc::Gen<Schedule> schedules() {
  const auto name = rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("ABCXYZabcxyz0123456789_/-."))));
  const auto choice = rc::gen::build<Choice>(
      rc::gen::set(&Choice::actor, rc::gen::inRange<std::uint8_t>(0, 52)),
      rc::gen::set(&Choice::alternative, rc::gen::oneOf(rc::gen::just<std::uint16_t>(0),
                                                        rc::gen::arbitrary<std::uint16_t>())));
  return rc::gen::build<Schedule>(
      rc::gen::set(&Schedule::scenario, name),
      rc::gen::set(&Schedule::version, rc::gen::inRange(1, 1'000'001)),
      rc::gen::set(&Schedule::choices, rc::gen::container<std::vector<Choice>>(choice)));
}

// Never another run than the one that was written down.
void expect_refused(const std::string& changed) {
  const auto decoded = decode(changed);
  ASSERT_FALSE(decoded.ok()) << changed;
  EXPECT_EQ(decoded.error().kind, Error::Kind::kUsage);
}

const Schedule kExample = {
    "memtomem/unlink_at_exit", 1, {{0, 0}, {1, 0}, {25, 3}, {26, 0}, {51, 65535}, {2, 10}}};

TEST(Schedule, LooksAsDocumented) {
  EXPECT_EQ(encode(kExample).substr(0, 44), "memtomem/unlink_at_exit@v1:ABZ.3az.65535C.10");
  EXPECT_EQ(encode({"a/b", 1, {}}).substr(0, 8), "a/b@v1:~");
}

TEST(Schedule, EverySubstitutedCharacterIsRefused) {
  const std::string text = encode(kExample);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[i] = static_cast<char>(byte);
      if (changed != text) expect_refused(changed);
    }
  }
}

TEST(Schedule, EveryMissingCharacterIsRefused) {
  const std::string text = encode(kExample);
  for (std::size_t i = 0; i < text.size(); ++i) {
    expect_refused(std::string(text).erase(i, 1));
    expect_refused(text.substr(0, i));
    expect_refused(text.substr(i + 1));
  }
}

TEST(Schedule, EveryAddedOrSwappedCharacterIsRefused) {
  const std::string text = encode(kExample);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      expect_refused(std::string(text).insert(i, 1, static_cast<char>(byte)));
    }
    if (i + 1 < text.size() && text[i] != text[i + 1]) {
      std::string changed = text;
      std::swap(changed[i], changed[i + 1]);
      expect_refused(changed);
    }
  }
}

// A right check does not make a wrong body right: there is one spelling of each schedule.
TEST(Schedule, OtherSpellingsWithARightCheckAreRefused) {
  const auto sealed = [](const std::string& body) {
    std::uint32_t hash = 2166136261u;
    for (unsigned char byte : body) hash = (hash ^ byte) * 16777619u;
    char check[16];
    std::snprintf(check, sizeof check, "~%08x", hash);
    return body + check;
  };
  EXPECT_TRUE(decode(sealed("a/b@v1:AB.2")).ok()) << "the test seals as encode does";
  for (const char* body :
       {"a/b@v1:A.0", "a/b@v1:A.01", "a/b@v1:A.", "a/b@v1:A.65536", "a/b@v1:A.-1", "a/b@v1:1",
        "a/b@v0:A", "a/b@v01:A", "a/b@v:A", "a/b@v9999999999999999999:A", "@v1:A", "a b@v1:A",
        "a/b:A", "a/b@v1A", "a/b@v1:A~", "a/b@v1:A B", "a/b@v1@v1:A", "a;b@v1:A", "a/b@v1:A:B"}) {
    expect_refused(sealed(body));
  }
}

TEST(Schedule, TenMegabytesAreRefusedUnread) {
  const auto decoded = decode(std::string(10'000'000, 'A'));
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().sentence,
            "schedule: 10000000 bytes are more than 65536; expected FAMILY/FILE@vN:CHOICES~CHECK, "
            "as a report prints it");
}

TEST(Schedule, ErrorsDoNotRepeatTheInput) {
  for (const char* text : {"\x1b[31m", "::error::@v1:~00000000"}) {
    const auto decoded = decode(text);
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().sentence.find(text), std::string::npos);
  }
}

RC_GTEST_PROP(Schedule, DecodesWhatItEncoded, ()) {
  const Schedule schedule = *schedules();
  const std::string text = encode(schedule);
  const auto decoded = decode(text);
  RC_ASSERT(decoded.ok());
  RC_ASSERT(*decoded == schedule);
  RC_ASSERT(encode(*decoded) == text);
}

RC_GTEST_PROP(Schedule, NeedsNoQuotesInAShell, ()) {
  for (char c : encode(*schedules())) {
    RC_ASSERT(std::isalnum(static_cast<unsigned char>(c)) ||
              std::string("_/@.:~-").find(c) != std::string::npos);
  }
}

RC_GTEST_PROP(Schedule, NeverDecodesToAnother, ()) {
  const std::string text = encode(*schedules());
  std::string changed = text;
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  changed[at] = *rc::gen::arbitrary<char>();
  if (changed != text) RC_ASSERT(!decode(changed).ok());
}

}  // namespace
}  // namespace lockproof
