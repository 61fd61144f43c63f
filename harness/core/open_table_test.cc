// SPDX-License-Identifier: Apache-2.0
#include "core/open_table.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace lockproof {
namespace {

struct Entry {
  std::uint32_t home = 0;
  std::uint32_t key = 0;  // 0: no entry
  std::uint32_t note = 0;
  std::uint32_t hash() const { return home; }
  bool taken() const { return key != 0; }
};

const Entry* find(const OpenTable<Entry>& table, std::uint32_t hash, std::uint32_t key) {
  return table.find(hash, [&](const Entry& entry) { return entry.key == key; });
}

TEST(OpenTableTest, FindsWhatWasAdded) {
  OpenTable<Entry> table(12);
  EXPECT_EQ(find(table, 7, 1), nullptr);
  EXPECT_EQ(table.add({7, 1})->key, 1u);
  EXPECT_EQ(find(table, 7, 1)->key, 1u);
  EXPECT_EQ(find(table, 7, 2), nullptr);
  EXPECT_EQ(table.size(), 1u);
}

// All at the last place: the run goes on behind it, also when the table has grown.
TEST(OpenTableTest, OneHomeForManyIsNoEnd) {
  OpenTable<Entry> table(13);
  for (const std::uint32_t home : {0xffffffffu, 0u, 0x80000000u}) {
    for (std::uint32_t key = 1; key <= 900; ++key) {
      ASSERT_EQ(find(table, home, home ^ key), nullptr);
      table.add({home, home ^ key});
    }
  }
  for (const std::uint32_t home : {0xffffffffu, 0u, 0x80000000u}) {
    for (std::uint32_t key = 1; key <= 900; ++key) {
      ASSERT_NE(find(table, home, home ^ key), nullptr) << home << " " << key;
    }
  }
  EXPECT_EQ(table.size(), 2700u);
}

TEST(OpenTableTest, AllAreFoundAgainHoweverOftenItGrew) {
  constexpr std::uint32_t kMany = 110'000;
  OpenTable<Entry> table(18);
  Random random(3);
  std::vector<Entry> all;
  for (std::uint32_t key = 1; key <= kMany; ++key) {
    all.push_back({static_cast<std::uint32_t>(random.next()), key});
    table.add(all.back());
    if ((key & (key - 1)) != 0) continue;
    for (const Entry& entry : all) ASSERT_NE(find(table, entry.home, entry.key), nullptr) << key;
  }
  for (const Entry& entry : all) ASSERT_NE(find(table, entry.home, entry.key), nullptr);
  EXPECT_EQ(table.size(), kMany);
  EXPECT_EQ(table.bytes(), (1u << 18) * sizeof(Entry))
      << "110,000 are more than 4/5 of the half of that";
}

TEST(OpenTableTest, AddsInOneWalkWhatItDoesNotFind) {
  OpenTable<Entry> table(14);
  const auto enter = [&](std::uint32_t key) {
    const std::uint32_t home = key * 0x9e3779b9u;
    return table.find_or_add(
        home, [&](const Entry& entry) { return entry.key == key; },
        [&] {
          return Entry{home, key};
        });
  };
  for (std::uint32_t key = 1; key <= 5000; ++key) {
    const auto [entry, fresh] = enter(key);
    ASSERT_TRUE(fresh && entry->key == key) << key << ", also where it has to grow";
    ASSERT_FALSE(enter(key).second) << key;
  }
  for (std::uint32_t key = 1; key <= 5000; ++key) ASSERT_FALSE(enter(key).second) << key;
  EXPECT_EQ(table.size(), 5000u);
  EXPECT_EQ(table.bytes(), 8192 * sizeof(Entry)) << "more than 4/5 of the half of that";
}

TEST(OpenTableTest, WhatIsFoundMayBeChanged) {
  OpenTable<Entry> table(12);
  table.add({9, 4});
  table.find(9, [](const Entry& entry) { return entry.key == 4; })->note = 5;
  EXPECT_EQ(find(table, 9, 4)->note, 5u);
}

// What it needs besides, as long as it does not need it yet, is nothing; then as much again.
TEST(OpenTableTest, SaysBeforehandWhatItNeedsToGrow) {
  OpenTable<Entry> table(12);
  const std::size_t first = table.bytes();
  std::uint32_t key = 1;
  while (table.bytes_to_grow() == 0) table.add({key * 0x9e3779b9u, key}), ++key;
  EXPECT_EQ(table.bytes(), first) << "said before it happens";
  EXPECT_EQ(table.bytes_to_grow(), first);
  while (table.bytes() == first) table.add({key * 0x9e3779b9u, key}), ++key;
  EXPECT_EQ(table.bytes(), 2 * first);
  EXPECT_EQ(table.bytes_to_grow(), 0u);
}

}  // namespace
}  // namespace lockproof
