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
constexpr Remember kActs{.stops = true, .owners = true};
Breaks last(const std::vector<Word>& words, const Remember& what = kActs) {
  Remembered all{};
  Breaks breaks = 0;
  for (const Word& word : words) {
    goes_on(all, word.slot, false, what);
    breaks = hear(all, word.slot, word.said, what);
    goes_on(all, word.slot, false, what);
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
  EXPECT_EQ(last({{0, kStops}, {1, kDecides}, {1, kSpawned}}, Remember{.owners = true}), 0)
      << "nobody asks";
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
    hear(all, 1, kDecides, kActs);
    if (call) goes_on(all, 1, false, kActs);
    hear(all, 0, kStops, kActs);
    EXPECT_EQ(hear(all, 1, kSpawned, kActs), call ? 0 : kStartsInAStop);
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
  EXPECT_EQ(last({{0, owns}, {1, kDestroys}, {1, kDestroyed}}, Remember{.stops = true}), 0);
  for (const Kind over : {Kind::kClaim, Kind::kBusy, Kind::kFailed, Kind::kReleased}) {
    EXPECT_EQ(last({{0, owns}, {0, {over}}, {1, kDestroys}, {1, kDestroyed}}), 0);
  }
}

TEST(Remembered, AStartIsNeedlessIfAnotherOneOwnsAllTheWhile) {
  const Said owns{Kind::kOwns}, gives_up{Kind::kGivesUp};
  constexpr Remember kNeedless{.needless = true};
  const auto ends_in = [&](const std::vector<Word>& words) { return last(words, kNeedless); };
  EXPECT_EQ(ends_in({{0, owns}, {1, kDecides}, {1, kSpawned}}), kStartsNeedlessly);
  EXPECT_EQ(ends_in({{0, owns}, {1, kDecides}, {1, kRefrained}}), 0);
  EXPECT_EQ(ends_in({{1, kDecides}, {0, owns}, {1, kSpawned}}), 0);
  EXPECT_EQ(ends_in({{0, owns}, {1, kDecides}, {0, gives_up}, {0, owns}, {1, kSpawned}}), 0);
  EXPECT_EQ(ends_in({{1, owns}, {1, kDecides}, {1, kSpawned}}), 0) << "its own";
  EXPECT_EQ(last({{0, owns}, {1, kDecides}, {1, kSpawned}}, Remember{.stops = true}), 0);
}

// Gives what a signal from slot 1 to slot 0 breaks after these words.
Breaks sent_after(const std::vector<Word>& words, const Remember& what, Role sender) {
  Remembered all{};
  is_born(all, 1, sender, false, what);
  for (const Word& word : words) hear(all, word.slot, word.said, what);
  return sends(all, 1, 0, what);
}

TEST(Remembered, WhoHadGivenUpBeforeItWasPickedIsFormer) {
  const Said owns{Kind::kOwns}, gives_up{Kind::kGivesUp}, released{Kind::kReleased};
  const Said picks{Kind::kPick};
  constexpr Remember kPicks{.picks = true};
  const auto sent = [&](const std::vector<Word>& words) {
    return sent_after(words, kPicks, Role::kStopper);
  };
  EXPECT_EQ(sent({{0, owns}, {0, gives_up}, {0, released}, {1, picks}}), kSignalsTheFormer);
  EXPECT_EQ(sent({{0, owns}, {0, gives_up}, {1, picks}, {0, released}}), 0);
  EXPECT_EQ(sent({{0, owns}, {0, released}, {1, picks}, {0, owns}}), 0);
  EXPECT_EQ(sent({{0, owns}, {0, released}}), 0) << "nobody picks";
  EXPECT_EQ(sent({{0, {Kind::kClaim}}, {0, {Kind::kBusy}}, {1, picks}}), 0) << "it never owned";
  EXPECT_EQ(sent_after({{0, owns}, {0, released}, {1, picks}}, {}, Role::kStopper), 0);
}

TEST(Remembered, WhoIsReadyIsInUseUntilItGivesUp) {
  constexpr Remember kReady{.roles = true, .ready = true};
  const Said ready{Kind::kReady}, gives_up{Kind::kGivesUp};
  EXPECT_EQ(sent_after({{0, ready}}, kReady, Role::kLauncher), kSignalsTheReady);
  EXPECT_EQ(sent_after({{0, ready}}, kReady, Role::kStopper), 0);
  EXPECT_EQ(sent_after({{0, ready}, {0, gives_up}}, kReady, Role::kLauncher), 0);
  EXPECT_EQ(sent_after({}, kReady, Role::kLauncher), 0);
}

TEST(Remembered, OfTheDeadNothingIsLeft) {
  Remembered all{};
  for (const auto& [slot, said] : std::vector<Word>{
           {0, kStops}, {0, {Kind::kOwns}}, {1, kDecides}, {1, kDestroys}, {2, {Kind::kOwns}}}) {
    hear(all, slot, said, kActs);
  }
  Remembered without = all;
  forget(without, 1u << 0);
  EXPECT_EQ(hear(without, 1, kSpawned, kActs), 0);
  EXPECT_EQ(hear(without, 1, kDestroyed, kActs), kDestroysTheOwned);
  forget(all, 7);
  EXPECT_TRUE(all.empty());
}

TEST(Remembered, PlacesAreExchanged) {
  Remembered all{};
  hear(all, 0, kStops, kActs);
  hear(all, 1, kDecides, kActs);
  goes_on(all, 1, false, kActs);
  permute(all, {2, 0, 1, 3, 4, 5, 6, 7});
  EXPECT_EQ(all.stopping, 1u << 1);
  EXPECT_EQ(all.in_stop_of[2], 1u << 1);
  EXPECT_EQ(hear(all, 2, kSpawned, kActs), kStartsInAStop);
}

constexpr Remember kStarts{.roles = true, .starts = true};

TEST(Remembered, AnInstanceIsLeftBehindByTheAttemptThatStartedIt) {
  for (const bool in_attempt : {false, true}) {
    for (const Role role : {Role::kInstance, Role::kChild}) {
      for (const Kind kind : {Kind::kFailed, Kind::kBusy}) {
        Remembered all{};
        is_born(all, 1, role, in_attempt, kStarts);
        hear_parent(all, 2, kind);
        const bool left = in_attempt && role == Role::kInstance && kind == Kind::kFailed;
        EXPECT_EQ(all.left_behind, left ? 2 : 0);
        hear_parent(all, 2, Kind::kFailed);
        EXPECT_EQ(all.left_behind, left ? 2 : 0) << "another attempt";
      }
    }
  }
  Remembered all{};
  is_born(all, 1, Role::kInstance, true, kStarts);
  hear_parent(all, 4, Kind::kFailed);
  EXPECT_EQ(all.left_behind, 0) << "another one's";
}

TEST(Remembered, OnlyWhoWasAskedMaySignalTheInstanceOfAUser) {
  for (const Role role : {Role::kLauncher, Role::kContender, Role::kStopper, Role::kRemover}) {
    Remembered all{};
    all.role[0] = static_cast<std::uint8_t>(role);
    all.role[1] = static_cast<std::uint8_t>(Role::kUserInstance);
    const bool asked = role == Role::kStopper || role == Role::kRemover;
    EXPECT_EQ(sends(all, 0, 1, kStarts), asked ? 0 : kSignalsUnasked);
    EXPECT_EQ(sends(all, 1, 0, kStarts), 0);
    EXPECT_EQ(sends(all, 1, 1, kStarts), 0) << "itself";
  }
}

TEST(Remembered, WhyNoInstanceNeedBeLeft) {
  const auto heard = [](const Said& said) {
    Remembered all{};
    hear(all, 0, said, kStarts);
    goes_on(all, 0, false, kStarts);
    return all.on_purpose == 1;
  };
  for (const Kind kind : {Kind::kGivesUp, Kind::kFailed}) EXPECT_TRUE(heard({kind}));
  for (const Said& said : {kStops, kStopped, kDestroys, kRefused}) EXPECT_TRUE(heard(said));
  for (const Kind kind : {Kind::kClaim, Kind::kBusy, Kind::kOwns, Kind::kReleased}) {
    EXPECT_FALSE(heard({kind}));
  }
  EXPECT_FALSE(heard(kDecides));
  Remembered all{};
  sends(all, 0, 1, kStarts);
  EXPECT_EQ(all.on_purpose, 1);
}

TEST(Remembered, WhatStartsIsAnInstanceOrALauncher) {
  for (const Role role : {Role::kInstance, Role::kLauncher, Role::kUserInstance, Role::kStopper}) {
    const bool starts = role == Role::kInstance || role == Role::kLauncher;
    Remembered born{}, begun{};
    is_born(born, 1, role, false, kStarts);
    EXPECT_EQ(born.started, starts);
    begun.role[0] = static_cast<std::uint8_t>(role);
    goes_on(begun, 0, false, kStarts);
    EXPECT_EQ(begun.started, 0);
    goes_on(begun, 0, true, kStarts);
    EXPECT_EQ(begun.started, starts);
  }
}

}  // namespace
}  // namespace lockproof::sim
