// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

HistoryBuilder waits() {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1).claim(2);
  return run;
}

TEST(NoHotSpin, ARoundOfOneAloneIsCaughtAlsoWhileAnotherOwns) {
  EXPECT_EQ(broken("no_hot_spin", waits().loop(5, 2)), (Places{{5, 6}}));
}
TEST(NoHotSpin, ARoundOfSeveralIsNone) { EXPECT_EQ(broken("no_hot_spin", waits().loop(5)), kNone); }

}  // namespace
}  // namespace lockproof::test
