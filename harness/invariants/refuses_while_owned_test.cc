// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

// Life 1 owns at event 3; the command of life 2 is events 4 and 5.
HistoryBuilder destroyed(std::int64_t done) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).begin(2, Kind::kDestroy);
  return run.end(2, Kind::kDestroy, Object::kNone, done);
}

TEST(RefusesWhileOwned, ACommandThatWasDoneIsCaught) {
  EXPECT_EQ(broken("refuses_while_owned", destroyed(1).gives_up(1)), (Places{{3, 5}}));
}
TEST(RefusesWhileOwned, ARefusalIsFine) {
  EXPECT_EQ(broken("refuses_while_owned", destroyed(0).gives_up(1)), kNone);
}
TEST(RefusesWhileOwned, AnOwnerThatDiedMeanwhileByItselfSaysNothing) {
  EXPECT_EQ(broken("refuses_while_owned", destroyed(1).ended(1, exit_status(1))), kNone);
}
TEST(RefusesWhileOwned, ACommandThatBeganBeforeTheOwnershipMayHaveBeenDoneBefore) {
  HistoryBuilder run;
  run.start(1).claim(1).begin(2, Kind::kDestroy).owns(1);
  run.end(2, Kind::kDestroy, Object::kNone, 1).gives_up(1);
  EXPECT_EQ(broken("refuses_while_owned", run), kNone);
}
TEST(RefusesWhileOwned, TheOwnerMayDestroyWhatIsItsOwn) {
  HistoryBuilder run;
  run.start(1).claim(1).owns(1).begin(1, Kind::kDestroy);
  run.end(1, Kind::kDestroy, Object::kNone, 1).gives_up(1);
  EXPECT_EQ(broken("refuses_while_owned", run), kNone);
}

}  // namespace
}  // namespace lockproof::test
