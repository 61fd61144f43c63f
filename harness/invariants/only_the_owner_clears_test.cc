// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 owned and gives up (event 5); life 2 owns at event 7.
HistoryBuilder handed_over() {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).gives_up(1).claim(2).owns(2);
  return run;
}
// Life 1 stops (event 2) after it has written its intent.
HistoryBuilder stopping() {
  HistoryBuilder run;
  run.start(1, "stopper").begin(1, Kind::kStop).change(1, Object::kIntent, Change::kWrite);
  return run;
}

TEST(OnlyTheOwnerClears, AFormerOwnerThatCleansUpLateIsCaught) {
  for (const Object object : {Object::kRecord, Object::kLock, Object::kSide}) {
    HistoryBuilder run = handed_over().change(1, object, Change::kUnlink).released(1).gives_up(2);
    EXPECT_EQ(broken("only_the_owner_clears", run), (Places{{7, 9}}));
  }
}
TEST(OnlyTheOwnerClears, CleaningUpBeforeTheNextOwnsIsFine) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).gives_up(1).claim(2);
  run.change(1, Object::kRecord, Change::kUnlink).released(1).owns(2).gives_up(2);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, ACleanUpThatBeganBeforeTheNextOwnsMayHaveHappenedBefore) {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).gives_up(1).claim(2);
  run.begin(1, Kind::kChange, Object::kRecord, 4).owns(2);
  run.end(1, Kind::kChange, Object::kRecord, 4).released(1).gives_up(2);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, WritingIsNotClearing) {
  HistoryBuilder run = handed_over().change(1, Object::kRecord, Change::kWrite).gives_up(2);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, TheOwnerItselfMay) {
  HistoryBuilder run =
      handed_over().released(1).change(2, Object::kRecord, Change::kReplace).gives_up(2);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, AnOwnerThatDiedByItselfMayHaveBeenDead) {
  HistoryBuilder run = handed_over().change(1, Object::kRecord, Change::kUnlink).ended(2, SIGBUS);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, AnotherOnesStopIntentIsCaught) {
  HistoryBuilder run = stopping().change(2, Object::kIntent, Change::kUnlink).end(1, Kind::kStop);
  EXPECT_EQ(broken("only_the_owner_clears", run), (Places{{2, 6}}));
}
TEST(OnlyTheOwnerClears, OnesOwnStopIntentIsFine) {
  HistoryBuilder run = stopping().change(1, Object::kIntent, Change::kUnlink).end(1, Kind::kStop);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, TheIntentOfADeadStopperMayBeCleared) {
  HistoryBuilder run =
      stopping().kill(1).change(2, Object::kIntent, Change::kUnlink).ended(1, SIGKILL);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, WhoWroteAnIntentLastMayClearIt) {
  HistoryBuilder run = stopping().change(2, Object::kIntent, Change::kWrite);
  run.change(2, Object::kIntent, Change::kUnlink).end(1, Kind::kStop);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}
TEST(OnlyTheOwnerClears, OfOverlappingWritesNobodyKnowsWhichWasLast) {
  HistoryBuilder run = stopping().begin(2, Kind::kChange, Object::kIntent, 1);
  run.change(3, Object::kIntent, Change::kUnlink).end(1, Kind::kStop);
  EXPECT_EQ(broken("only_the_owner_clears", run), kNone);
}

}  // namespace
}  // namespace lockproof::test
