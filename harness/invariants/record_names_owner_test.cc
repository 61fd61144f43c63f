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
  return owned().look(kWatcher, Object::kRecord, value);
}

TEST(RecordNamesOwner, AnotherPidIsCaught) {
  EXPECT_EQ(broken("record_names_owner", seen_while_owned(pid_of(2)).gives_up(1)),
            (Places{{4, 6}}));
}
TEST(RecordNamesOwner, TheOwnersPidIsFine) {
  EXPECT_EQ(broken("record_names_owner", seen_while_owned(pid_of(1)).gives_up(1)), kNone);
}
TEST(RecordNamesOwner, ALookThatCouldNotReadIsNoEvidence) {
  EXPECT_EQ(broken("record_names_owner", seen_while_owned(seen::kUnknown).gives_up(1)), kNone);
}
TEST(RecordNamesOwner, ALookThatBeganBeforeTheOwnershipMayHaveSeenWhatWasBefore) {
  HistoryBuilder run;
  run.start(1).claim(1).begin(kWatcher, Kind::kLook, Object::kRecord).owns(1);
  run.end(kWatcher, Kind::kLook, Object::kRecord, pid_of(2)).gives_up(1);
  EXPECT_EQ(broken("record_names_owner", run), kNone);
}
TEST(RecordNamesOwner, ALookThatEndedAfterTheOwnershipMayHaveSeenWhatCameAfter) {
  HistoryBuilder run = owned().begin(kWatcher, Kind::kLook, Object::kRecord).gives_up(1);
  run.end(kWatcher, Kind::kLook, Object::kRecord, pid_of(2)).released(1);
  EXPECT_EQ(broken("record_names_owner", run), kNone);
}
TEST(RecordNamesOwner, AnOwnerThatDiedByItselfMayHaveBeenDeadAtTheLook) {
  EXPECT_EQ(broken("record_names_owner", seen_while_owned(pid_of(2)).ended(1, SIGSEGV)), kNone);
}
TEST(RecordNamesOwner, AnOwnerKilledBeforeTheLookEndedSaysNothing) {
  HistoryBuilder run = owned().begin(kWatcher, Kind::kLook, Object::kRecord).kill(1);
  run.end(kWatcher, Kind::kLook, Object::kRecord, pid_of(2)).ended(1, SIGKILL);
  EXPECT_EQ(broken("record_names_owner", run), kNone);
}
TEST(RecordNamesOwner, AnOwnerKilledAfterTheLookHadLived) {
  EXPECT_EQ(broken("record_names_owner", seen_while_owned(pid_of(2)).kill(1).ended(1, SIGKILL)),
            (Places{{4, 6}}));
}
TEST(RecordNamesOwner, OfTwoOwnersEitherMayBeNamed) {
  HistoryBuilder run = owned().claim(2).owns(2).look(kWatcher, Object::kRecord, pid_of(2));
  EXPECT_EQ(broken("record_names_owner", run.gives_up(1).gives_up(2)), kNone);
}
TEST(RecordNamesOwner, AStoppedOwnerStillOwns) {
  HistoryBuilder run = owned().fault(1, SIGSTOP).look(kWatcher, Object::kRecord, pid_of(2));
  EXPECT_EQ(broken("record_names_owner", run.fault(1, SIGCONT).gives_up(1)), (Places{{4, 7}}));
}
TEST(RecordNamesOwner, AWatcherThatDiedInItsLookSawNothing) {
  HistoryBuilder run =
      owned().begin(kWatcher, Kind::kLook, Object::kRecord).ended(kWatcher, SIGKILL);
  run.end(kWatcher, Kind::kLook, Object::kRecord, pid_of(2)).gives_up(1);
  EXPECT_EQ(broken("record_names_owner", run), kNone);
}

TEST(RecordNamesOwner, AnAbsentOrEmptyOrTornRecordIsCaught) {
  for (const std::int64_t value : {seen::kAbsent, seen::kEmpty, seen::kTorn}) {
    EXPECT_EQ(broken("record_names_owner", seen_while_owned(value).gives_up(1)), (Places{{4, 6}}))
        << value;
  }
}
TEST(RecordNamesOwner, ALookAtAnotherFileSaysNothing) {
  HistoryBuilder run = owned().look(kWatcher, Object::kSide, pid_of(2));
  EXPECT_EQ(broken("record_names_owner", run.gives_up(1)), kNone);
}

}  // namespace
}  // namespace lockproof::test
