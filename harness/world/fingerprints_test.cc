// SPDX-License-Identifier: Apache-2.0
#include "world/fingerprints.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace lockproof {
namespace {

TEST(FingerprintsTest, EachIsNewOnce) {
  Fingerprints prints;
  EXPECT_EQ(prints.insert({1, 2}), (std::pair{0u, true}));
  EXPECT_EQ(prints.insert({3, 4}), (std::pair{1u, true}));
  EXPECT_EQ(prints.insert({1, 2}), (std::pair{0u, false}));
  EXPECT_EQ(prints.insert({3, 4}), (std::pair{1u, false}));
  EXPECT_EQ(prints.size(), 2u);
  EXPECT_EQ(prints[0], (Fingerprint{1, 2}));
  EXPECT_EQ(prints[1], (Fingerprint{3, 4}));
}

// Same place in the index; same tag; all but one bit.
TEST(FingerprintsTest, FingerprintsThatAreAlikeAreTwo) {
  Fingerprints prints;
  const std::uint64_t tag = std::uint64_t{7} << 32;
  const Fingerprint alike[] = {{tag, 5}, {tag | 1, 5}, {0, 5}, {tag, 5 | 1ull << 40}, {tag, 6}};
  Fingerprints::Id id = 0;
  for (const Fingerprint& print : alike) EXPECT_EQ(prints.insert(print), (std::pair{id++, true}));
  id = 0;
  for (const Fingerprint& print : alike) {
    EXPECT_EQ(prints.insert(print), (std::pair{id++, false}));
  }
}

TEST(FingerprintsTest, AllAreFoundAgainHoweverManyThereAre) {
  constexpr std::uint32_t kMany = 50'000;
  Fingerprints prints;
  const std::size_t bytes = prints.bytes();
  Random random(1);
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(prints.insert({random.next(), random.next()}), (std::pair{i, true}));
  }
  Random again(1);
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(prints.insert({again.next(), again.next()}), (std::pair{i, false}));
  }
  EXPECT_EQ(prints.size(), kMany);
  EXPECT_GT(prints.bytes() - bytes, kMany * 26u);
  EXPECT_LT(prints.bytes(), kMany * 38u);
}

// Birthday bound: of n states n^2/2 pairs, each alike with 2^-128.
TEST(FingerprintsTest, TheChanceOfACollisionGrowsWithTheSquare) {
  EXPECT_EQ(collision_chance(0), 0);
  EXPECT_DOUBLE_EQ(collision_chance(1000), 1e6 / std::pow(2, 129));
  EXPECT_DOUBLE_EQ(collision_chance(2000), 4e6 / std::pow(2, 129));
}

TEST(MappedTest, IsZeroAndMovesWithItsElements) {
  Mapped<std::uint64_t> some(std::size_t{1} << 36);
  EXPECT_EQ(some[(std::size_t{1} << 36) - 1], 0u) << "more than the host's memory";
  some[9] = 7;
  Mapped<std::uint64_t> other(1);
  other[0] = 1;
  other = std::move(some);
  EXPECT_EQ(other[9], 7u);
  const Mapped<std::uint64_t> third(std::move(other));
  EXPECT_EQ(third[9], 7u);
}

TEST(MappedTest, NoAddressSpaceIsAnException) {
  EXPECT_THROW(Mapped<char>(std::size_t{1} << 60), std::bad_alloc);
}

}  // namespace
}  // namespace lockproof
