// SPDX-License-Identifier: Apache-2.0
#include "sim/naming.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace lockproof::sim {
namespace {

using Places = std::vector<std::pair<int, int>>;  // where, which pid less 1000

class NamingTest : public ::testing::Test {
 protected:
  Places mentions(std::string_view text) {
    Places places;
    for (const Mention& mention : naming.mentions(texts.intern(text))) {
      places.emplace_back(mention.at, mention.pid);
    }
    return places;
  }
  // "?" where a pid is not in the map.
  std::string rename(std::string_view text, const PidMap& map) {
    const auto renamed = naming.rename(texts.intern(text), map);
    return renamed ? std::string(texts[*renamed]) : "?";
  }

  Texts texts;
  Naming naming{texts};
};

TEST_F(NamingTest, AMentionIsARunOfExactlyFourDigits) {
  EXPECT_EQ(mentions("1001"), (Places{{0, 1}}));
  EXPECT_EQ(mentions("x1002\n1003:"), (Places{{1, 2}, {6, 3}}));
  for (std::string_view none : {"", "100", "11001", "10011", "10 01", "0x3e9", "1001100"}) {
    EXPECT_EQ(mentions(none), Places{}) << none;
  }
  EXPECT_EQ(mentions("10011 1002"), (Places{{6, 2}})) << "a longer run is passed as a whole";
}

TEST_F(NamingTest, AndTheNumberOfAPid) {
  EXPECT_EQ(mentions("1000 1001 1255 1256"), (Places{{5, 1}, {10, 255}}));
  EXPECT_EQ(mentions("0001 0999 9999 2001"), Places{});
}

TEST_F(NamingTest, EachPidIsReplacedAtOnceAndTheLengthStays) {
  PidMap map{};
  map[1] = 2;
  map[2] = 1;
  EXPECT_EQ(rename("1001 and 1002, 1001", map), "1002 and 1001, 1002");
  map[1] = 250;
  EXPECT_EQ(rename("/proc/1001/stat", map), "/proc/1250/stat");
}

TEST_F(NamingTest, APidThatIsNotInTheMapIsNothing) {
  PidMap map{};
  map[1] = 7;
  EXPECT_EQ(rename("1001 1002", map), "?");
  EXPECT_EQ(rename("1001 100", map), "1007 100");
}

TEST_F(NamingTest, WhatStaysTheSameKeepsItsNumber) {
  PidMap map{};
  map[3] = 3;
  const Text none = texts.intern("no pid");
  const Text same = texts.intern("pid 1003");
  const std::size_t before = texts.size();
  EXPECT_EQ(naming.rename(none, map), none);
  EXPECT_EQ(naming.rename(same, map), same);
  EXPECT_EQ(texts.size(), before);
}

TEST_F(NamingTest, AFullTableIsSaid) {
  const Text text = texts.intern("1001");
  for (int i = 0; texts.intern("full" + std::to_string(i) + "up") != kNoText;) ++i;
  PidMap map{};
  map[1] = 2;
  EXPECT_EQ(naming.rename(text, map), kNoText);
}

}  // namespace
}  // namespace lockproof::sim
