// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 owns at event 3; the start by life 2 is events 4 and 5.
HistoryBuilder started(std::int64_t done) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).begin(2, Kind::kAutoStart);
  return run.end(2, Kind::kAutoStart, Object::kNone, done);
}

TEST(NoNeedlessStart, AStartBesideAnOwnerIsCaught) {
  EXPECT_EQ(broken("no_needless_start", started(1).gives_up(1)), (Places{{3, 5}}));
}
TEST(NoNeedlessStart, WhoRefrainsIsFine) {
  EXPECT_EQ(broken("no_needless_start", started(0).gives_up(1)), kNone);
}
TEST(NoNeedlessStart, AnOwnerThatDiedMeanwhileByItselfSaysNothing) {
  EXPECT_EQ(broken("no_needless_start", started(1).ended(1, exit_status(1))), kNone);
}
TEST(NoNeedlessStart, OneThatBeganBeforeTheOwnershipMayHaveLookedBefore) {
  HistoryBuilder run;
  run.start(1).claim(1).begin(2, Kind::kAutoStart).owns(1);
  run.end(2, Kind::kAutoStart, Object::kNone, 1).gives_up(1);
  EXPECT_EQ(broken("no_needless_start", run), kNone);
}
TEST(NoNeedlessStart, WhatWasStartedOwnsByItself) {
  HistoryBuilder run;
  run.start(1).begin(1, Kind::kAutoStart).claim(1).owns(1);
  run.end(1, Kind::kAutoStart, Object::kNone, 1).gives_up(1);
  EXPECT_EQ(broken("no_needless_start", run), kNone);
}
TEST(NoNeedlessStart, TheOwnerMayStartAnother) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).begin(1, Kind::kAutoStart);
  run.end(1, Kind::kAutoStart, Object::kNone, 1).gives_up(1);
  EXPECT_EQ(broken("no_needless_start", run), kNone);
}

}  // namespace
}  // namespace lockproof::test
