// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 has given up at event 5.
HistoryBuilder former() {
  HistoryBuilder run;
  return run.start(1).claim(1).owns(1).gives_up(1).released(1);
}

TEST(NoFormerOwnerSignalled, ASignalToOneWhoHadGivenUpBeforeTheLookIsCaught) {
  EXPECT_EQ(broken("no_former_owner_signalled", former().add(2, Kind::kPick).signal(2, 1, SIGTERM)),
            (Places{{5, 7}}));
}
TEST(NoFormerOwnerSignalled, WhoGivesUpAfterTheLookBeganCannotBeSpared) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).gives_up(1).add(2, Kind::kPick).released(1).signal(2, 1, SIGTERM);
  EXPECT_EQ(broken("no_former_owner_signalled", run), kNone);
}
TEST(NoFormerOwnerSignalled, WhoOwnsAgainIsTheOwner) {
  HistoryBuilder run = former().add(2, Kind::kPick).claim(1).owns(1).signal(2, 1, SIGTERM);
  EXPECT_EQ(broken("no_former_owner_signalled", run), kNone);
}
TEST(NoFormerOwnerSignalled, WhoHasNeverOwnedIsAnotherClaims) {
  HistoryBuilder run;
  run.start(1).claim(1).busy(1).add(2, Kind::kPick).signal(2, 1, SIGTERM);
  EXPECT_EQ(broken("no_former_owner_signalled", run), kNone);
}
TEST(NoFormerOwnerSignalled, SignalZeroOnlyAsks) {
  EXPECT_EQ(broken("no_former_owner_signalled", former().add(2, Kind::kPick).signal(2, 1, 0)),
            kNone);
}
TEST(NoFormerOwnerSignalled, OfWhoDoesNotSayWhenItLooksNothingIsSaid) {
  EXPECT_EQ(broken("no_former_owner_signalled", former().signal(2, 1, SIGTERM)), kNone);
}

}  // namespace
}  // namespace lockproof::test
