// SPDX-License-Identifier: Apache-2.0
#include "sim/remembered.h"

#include <gtest/gtest.h>

namespace lockproof::sim {
namespace {

constexpr Said kStops{Kind::kStop, Phase::kBegin};
constexpr Said kStopped{Kind::kStop, Phase::kEnd};
constexpr Said kDecides{Kind::kAutoStart, Phase::kBegin};
constexpr Said kSpawned{Kind::kAutoStart, Phase::kEnd, 1};
constexpr Said kRefrained{Kind::kAutoStart, Phase::kEnd, 0};
constexpr Said kDestroys{Kind::kDestroy, Phase::kBegin};
constexpr Said kDestroyed{Kind::kDestroy, Phase::kEnd, 1};
constexpr Said kRefused{Kind::kDestroy, Phase::kEnd, 0};

// What is said by whom; true: the last word breaks a promise.
struct Word {
  unsigned slot;
  Said said;
};
Breaks last(const std::vector<Word>& words, const Remember& what = {true, true}) {
  Remembered all{};
  Breaks breaks = 0;
  for (const Word& word : words) {
    goes_on(all, word.slot);
    breaks = hear(all, word.slot, word.said, what);
    goes_on(all, word.slot);
  }
  return breaks;
}

TEST(Remembered, AStartIsBrokenIfAllOfItLiesInAStop) {
  EXPECT_EQ(last({{0, kStops}, {1, kDecides}, {1, kSpawned}}), kStartsInAStop);
  EXPECT_EQ(last({{0, kStops}, {1, kDecides}, {1, kRefrained}}), 0);
  EXPECT_EQ(last({{1, kDecides}, {0, kStops}, {1, kSpawned}}), 0);
  EXPECT_EQ(last({{0, kStops}, {1, kDecides}, {0, kStopped}, {1, kSpawned}}), 0);
  EXPECT_EQ(last({{0, kStops}, {0, kStopped}, {1, kDecides}, {1, kSpawned}}), 0);
  EXPECT_EQ(last({{0, kStops}, {1, kDecides}, {0, kStopped}, {0, kStops}, {1, kSpawned}}), 0)
      << "another stop, which began later";
  EXPECT_EQ(last({{0, kStops}, {0, kDecides}, {0, kSpawned}}), 0) << "its own";
  EXPECT_EQ(last({{0, kStops}, {2, kStops}, {1, kDecides}, {0, kStopped}, {1, kSpawned}}),
            kStartsInAStop)
      << "the other one goes on";
  EXPECT_EQ(last({{0, kStops}, {1, kDecides}, {1, kSpawned}}, {false, true}), 0) << "nobody asks";
}

TEST(Remembered, WhoRefrainedDecidesAnew) {
  EXPECT_EQ(last({{1, kDecides}, {1, kRefrained}, {0, kStops}, {1, kDecides}, {1, kSpawned}}),
            kStartsInAStop);
  EXPECT_EQ(last({{1, kDecides}, {0, kStops}, {1, kDecides}, {1, kSpawned}}), 0)
      << "the first decision was not over";
}

TEST(Remembered, AnActBeginsWithTheNextCall) {
  for (const bool call : {false, true}) {
    Remembered all{};
    hear(all, 1, kDecides, {true, true});
    if (call) goes_on(all, 1);
    hear(all, 0, kStops, {true, true});
    EXPECT_EQ(hear(all, 1, kSpawned, {true, true}), call ? 0 : kStartsInAStop);
  }
}

TEST(Remembered, WhatIsDestroyedIsSomebodysIfHeOwnedAllTheWhile) {
  const Said owns{Kind::kOwns}, gives_up{Kind::kGivesUp};
  EXPECT_EQ(last({{0, owns}, {1, kDestroys}, {1, kDestroyed}}), kDestroysTheOwned);
  EXPECT_EQ(last({{0, owns}, {1, kDestroys}, {1, kRefused}}), 0);
  EXPECT_EQ(last({{1, kDestroys}, {0, owns}, {1, kDestroyed}}), 0);
  EXPECT_EQ(last({{1, owns}, {1, kDestroys}, {1, kDestroyed}}), 0) << "its own";
  EXPECT_EQ(last({{0, owns}, {1, kDestroys}, {0, gives_up}, {0, owns}, {1, kDestroyed}}), 0);
  EXPECT_EQ(last({{0, owns}, {2, owns}, {1, kDestroys}, {0, gives_up}, {1, kDestroyed}}),
            kDestroysTheOwned);
  EXPECT_EQ(last({{0, owns}, {1, kDestroys}, {1, kDestroyed}}, {true, false}), 0);
  for (const Kind over : {Kind::kClaim, Kind::kBusy, Kind::kFailed, Kind::kReleased}) {
    EXPECT_EQ(last({{0, owns}, {0, {over}}, {1, kDestroys}, {1, kDestroyed}}), 0);
  }
}

TEST(Remembered, OfTheDeadNothingIsLeft) {
  Remembered all{};
  for (const auto& [slot, said] : std::vector<Word>{
           {0, kStops}, {0, {Kind::kOwns}}, {1, kDecides}, {1, kDestroys}, {2, {Kind::kOwns}}}) {
    hear(all, slot, said, {true, true});
  }
  Remembered without = all;
  forget(without, 1u << 0);
  EXPECT_EQ(hear(without, 1, kSpawned, {true, true}), 0);
  EXPECT_EQ(hear(without, 1, kDestroyed, {true, true}), kDestroysTheOwned);
  forget(all, 7);
  EXPECT_TRUE(all.empty());
}

TEST(Remembered, PlacesAreExchanged) {
  Remembered all{};
  hear(all, 0, kStops, {true, true});
  hear(all, 1, kDecides, {true, true});
  goes_on(all, 1);
  permute(all, {2, 0, 1, 3, 4, 5, 6, 7});
  EXPECT_EQ(all.stopping, 1u << 1);
  EXPECT_EQ(all.in_stop_of[2], 1u << 1);
  EXPECT_EQ(hear(all, 2, kSpawned, {true, true}), kStartsInAStop);
}

}  // namespace
}  // namespace lockproof::sim
