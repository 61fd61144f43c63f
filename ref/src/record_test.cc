// SPDX-License-Identifier: Apache-2.0
#include "solo/record.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace solo {
namespace {

constexpr std::string_view kBoot = "01234567-89ab-cdef-0123-456789abcdef";

Record example() {
  Record record;
  record.pid = 4711;
  record.start_ticks = 99;
  record.boot_id = *parse_boot_id(kBoot);
  record.pid_namespace = 4026531836;
  record.nonce = 0xfeed;
  record.generation = 7;
  record.since_boot_ms = 12345;
  record.since_unix_ms = 1795212345678;
  return record;
}

rc::Gen<Record> any_record() {
  return rc::gen::exec([] {
    Record record = example();
    record.pid = *rc::gen::inRange(0, kMaxPid + 1);
    record.state = record.pid == 0 ? Record::State::kReleased : Record::State::kOwned;
    record.start_ticks = *rc::gen::arbitrary<std::uint64_t>();
    record.pid_namespace = *rc::gen::arbitrary<std::uint64_t>();
    record.nonce = *rc::gen::arbitrary<std::uint64_t>();
    record.generation = 1 + *rc::gen::arbitrary<std::uint64_t>() % kMaxGeneration;
    record.since_boot_ms = *rc::gen::arbitrary<std::uint64_t>();
    record.since_unix_ms = *rc::gen::arbitrary<std::uint64_t>();
    record.managed = *rc::gen::arbitrary<bool>() ? Managed::kAuto : Managed::kCli;
    return record;
  });
}

TEST(Record, IsOneLineThatBeginsWithThePid) {
  const std::string text = format_record(example());
  EXPECT_EQ(text.rfind("4711 solo1 owned generation=7 start=99 boot=", 0), 0u) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_EQ(text.back(), '\n');
}

TEST(Record, TheLongestOneFits) {
  Record record = example();
  record.pid = kMaxPid;
  record.generation = kMaxGeneration;
  record.start_ticks = record.pid_namespace = record.nonce = UINT64_MAX;
  record.since_boot_ms = record.since_unix_ms = UINT64_MAX;
  EXPECT_LE(format_record(record).size(), kMaxRecordBytes);
  EXPECT_EQ(parse_record(format_record(record)), record);
}

RC_GTEST_PROP(Record, RoundTrips, ()) {
  const Record record = *any_record();
  RC_ASSERT(parse_record(format_record(record)) == record);
}

RC_GTEST_PROP(Record, AnyBytesParseOrDoNotAndWhatParsesHasThatOneSpelling, (std::string bytes)) {
  const auto record = parse_record(bytes);
  RC_ASSERT(!record || format_record(*record) == bytes);
}

RC_GTEST_PROP(Record, EveryProperPrefixIsTornAndParsesAsNothing, ()) {
  const std::string text = format_record(*any_record());
  for (std::size_t size = 0; size < text.size(); ++size) {
    RC_ASSERT(!parse_record(std::string_view(text).substr(0, size)));
  }
  RC_ASSERT(!parse_record(text + "\n"));
  RC_ASSERT(!parse_record(text + text));
}

RC_GTEST_PROP(Record, OneChangedByteIsNoticed, ()) {
  std::string text = format_record(*any_record());
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  const auto change = *rc::gen::inRange(1, 256);
  text[at] = static_cast<char>(text[at] ^ change);
  RC_ASSERT(!parse_record(text));
}

TEST(Record, OutOfRangeFieldsParseAsNothingThoughTheSumIsRight) {
  auto refused = [](auto change) {
    Record record = example();
    change(record);
    return !parse_record(format_record(record));
  };
  EXPECT_FALSE(refused([](Record&) {}));
  EXPECT_TRUE(refused([](Record& r) { r.pid = kMaxPid + 1; }));
  EXPECT_TRUE(refused([](Record& r) { r.pid = -1; }));
  EXPECT_TRUE(refused([](Record& r) { r.pid = 0; }));  // owned by nobody
  EXPECT_TRUE(refused([](Record& r) { r.state = Record::State::kReleased; }));
  EXPECT_TRUE(refused([](Record& r) { r.generation = 0; }));
  EXPECT_TRUE(refused([](Record& r) { r.generation = kMaxGeneration + 1; }));
  EXPECT_TRUE(refused([](Record& r) { r.boot_id[0] = 'Z'; }));
}

TEST(BootId, IsSpelledOneWay) {
  EXPECT_TRUE(parse_boot_id(kBoot));
  for (const char* text :
       {"", "01234567-89ab-cdef-0123-456789abcde", "01234567-89AB-cdef-0123-456789abcdef",
        "0123456789ab-cdef-0123-456789abcdef-", "01234567-89ab-cdef-0123-456789abcdef\n"}) {
    EXPECT_FALSE(parse_boot_id(text)) << text;
  }
}

}  // namespace
}  // namespace solo
