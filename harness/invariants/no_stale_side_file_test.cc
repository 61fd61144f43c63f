// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "invariants/history_builder.h"

namespace lockproof::test {
namespace {

constexpr Life kWatcher = 9;

// Life 1 owns at event 4; a look is events 5 and 6.
HistoryBuilder owned() {
  HistoryBuilder run;
  run.start(1).start(2).claim(1).owns(1);
  return run;
}
HistoryBuilder seen_while_owned(std::int64_t value) {
  return owned().look(kWatcher, Object::kSide, value);
}

TEST(NoStaleSideFile, AnotherPidIsCaught) {
  EXPECT_EQ(broken("no_stale_side_file", seen_while_owned(pid_of(2)).gives_up(1)),
            (Places{{4, 6}}));
}
TEST(NoStaleSideFile, TheOwnersPidIsFine) {
  EXPECT_EQ(broken("no_stale_side_file", seen_while_owned(pid_of(1)).gives_up(1)), kNone);
}
TEST(NoStaleSideFile, ALookThatCouldNotReadIsNoEvidence) {
  EXPECT_EQ(broken("no_stale_side_file", seen_while_owned(seen::kUnknown).gives_up(1)), kNone);
}
TEST(NoStaleSideFile, ALookThatBeganBeforeTheOwnershipMayHaveSeenWhatWasBefore) {
  HistoryBuilder run;
  run.start(1).claim(1).begin(kWatcher, Kind::kLook, Object::kSide).owns(1);
  run.end(kWatcher, Kind::kLook, Object::kSide, pid_of(2)).gives_up(1);
  EXPECT_EQ(broken("no_stale_side_file", run), kNone);
}
TEST(NoStaleSideFile, ALookThatEndedAfterTheOwnershipMayHaveSeenWhatCameAfter) {
  HistoryBuilder run = owned().begin(kWatcher, Kind::kLook, Object::kSide).gives_up(1);
  run.end(kWatcher, Kind::kLook, Object::kSide, pid_of(2)).released(1);
  EXPECT_EQ(broken("no_stale_side_file", run), kNone);
}
TEST(NoStaleSideFile, AnOwnerThatDiedByItselfMayHaveBeenDeadAtTheLook) {
  EXPECT_EQ(broken("no_stale_side_file", seen_while_owned(pid_of(2)).ended(1, SIGSEGV)), kNone);
}
TEST(NoStaleSideFile, AnOwnerKilledBeforeTheLookEndedSaysNothing) {
  HistoryBuilder run = owned().begin(kWatcher, Kind::kLook, Object::kSide).kill(1);
  run.end(kWatcher, Kind::kLook, Object::kSide, pid_of(2)).ended(1, SIGKILL);
  EXPECT_EQ(broken("no_stale_side_file", run), kNone);
}
TEST(NoStaleSideFile, AnOwnerKilledAfterTheLookHadLived) {
  EXPECT_EQ(broken("no_stale_side_file", seen_while_owned(pid_of(2)).kill(1).ended(1, SIGKILL)),
            (Places{{4, 6}}));
}
TEST(NoStaleSideFile, OfTwoOwnersEitherMayBeNamed) {
  HistoryBuilder run = owned().claim(2).owns(2).look(kWatcher, Object::kSide, pid_of(2));
  EXPECT_EQ(broken("no_stale_side_file", run.gives_up(1).gives_up(2)), kNone);
}
TEST(NoStaleSideFile, AStoppedOwnerStillOwns) {
  HistoryBuilder run = owned().fault(1, SIGSTOP).look(kWatcher, Object::kSide, pid_of(2));
  EXPECT_EQ(broken("no_stale_side_file", run.fault(1, SIGCONT).gives_up(1)), (Places{{4, 7}}));
}
TEST(NoStaleSideFile, AWatcherThatDiedInItsLookSawNothing) {
  HistoryBuilder run = owned().begin(kWatcher, Kind::kLook, Object::kSide).ended(kWatcher, SIGKILL);
  run.end(kWatcher, Kind::kLook, Object::kSide, pid_of(2)).gives_up(1);
  EXPECT_EQ(broken("no_stale_side_file", run), kNone);
}

TEST(NoStaleSideFile, AnAbsentOrEmptyOrTornSideFileIsNotStale) {
  for (const std::int64_t value : {seen::kAbsent, seen::kEmpty, seen::kTorn}) {
    EXPECT_EQ(broken("no_stale_side_file", seen_while_owned(value).gives_up(1)), kNone) << value;
  }
}

}  // namespace
}  // namespace lockproof::test
