// SPDX-License-Identifier: Apache-2.0
// The instance lock between real processes on the real kernel.
#include "solo/instance.h"

#include <list>

#include "testing.h"

namespace solo::testing {
namespace {

TEST(Instance, TheFirstOwnsAndTheRecordNamesIt) {
  const TempDir temp;
  const ClaimResult result = claim_in(temp);
  ASSERT_TRUE(owns(result)) << why(result);
  const auto record = parse_record(slurp(temp.record()));
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, std::get<InstanceLock>(result).record());
  EXPECT_EQ(record->pid, ::getpid());
  EXPECT_EQ(record->generation, 1u);
  EXPECT_TRUE(slurp(temp.record()).starts_with(std::to_string(::getpid()) + " "));
}

TEST(Instance, ASecondOneInTheSameProcessIsBusyAndLearnsWhoOwns) {
  const TempDir temp;
  const ClaimResult first = claim_in(temp);
  const ClaimResult second = claim_in(temp);
  ASSERT_TRUE(owns(first));
  ASSERT_TRUE(is_busy(second)) << why(second);
  ASSERT_TRUE(std::get<Busy>(second).holder);
  EXPECT_EQ(*std::get<Busy>(second).holder, std::get<InstanceLock>(first).record());
}

TEST(Instance, ExcludesAnotherProcessAndIsFreedByItsDeathBySigkill) {
  const TempDir temp;
  const Pipe said;
  Child owner([&] { claim_and_stay(temp, said); });
  ASSERT_EQ(said.receive(), 'o');
  const ClaimResult during = claim_in(temp);
  ASSERT_TRUE(is_busy(during)) << why(during);
  ASSERT_TRUE(std::get<Busy>(during).holder);
  EXPECT_EQ(std::get<Busy>(during).holder->pid, owner.pid());

  owner.kill_and_reap();
  const ClaimResult after = claim_in(temp);
  ASSERT_TRUE(owns(after)) << why(after);
  EXPECT_EQ(std::get<InstanceLock>(after).record().generation, 2u);
}

TEST(Instance, ExactlyOneOfManySimultaneousClaimersOwns) {
  const TempDir temp;
  for (int round = 0; round < 10; ++round) {
    constexpr int kClaimers = 8;
    const Pipe said;
    const Pipe go;
    std::list<Child> claimers;
    for (int i = 0; i < kClaimers; ++i) {
      claimers.emplace_back([&] {
        go.receive();
        claim_and_stay(temp, said);
      });
    }
    for (int i = 0; i < kClaimers; ++i) go.send('g');
    std::map<char, int> count;
    for (int i = 0; i < kClaimers; ++i) ++count[said.receive()];
    EXPECT_EQ(count['o'], 1);
    EXPECT_EQ(count['b'], kClaimers - 1);
  }
}

TEST(Instance, GivingUpLeavesAReleasedRecordAndTheNextGenerationFollows) {
  const TempDir temp;
  for (std::uint64_t generation = 1; generation < 4; ++generation) {
    ClaimResult result = claim_in(temp);
    ASSERT_TRUE(owns(result)) << why(result);
    InstanceLock& lock = std::get<InstanceLock>(result);
    EXPECT_EQ(lock.record().generation, generation);
    EXPECT_EQ(lock.give_up(), std::nullopt);
    EXPECT_EQ(lock.fd(), -1);
    const auto record = parse_record(slurp(temp.record()));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->state, Record::State::kReleased);
    EXPECT_EQ(record->generation, generation);
    EXPECT_TRUE(slurp(temp.record()).starts_with("0 "));
    EXPECT_EQ(lock.give_up(), std::nullopt);  // a second time is nothing
  }
}

TEST(Instance, DroppingTheLockIsLikeDeathTheRecordStaysAndTheNextOneGetsIn) {
  const TempDir temp;
  std::string left;
  {
    const ClaimResult result = claim_in(temp);
    ASSERT_TRUE(owns(result));
    left = slurp(temp.record());
  }
  EXPECT_EQ(slurp(temp.record()), left);
  EXPECT_TRUE(owns(claim_in(temp)));
}

TEST(Instance, GivingUpDoesNotTouchARecordThatIsNotItsOwn) {
  const TempDir temp;
  ClaimResult result = claim_in(temp);
  ASSERT_TRUE(owns(result));
  Record foreign = std::get<InstanceLock>(result).record();
  ++foreign.nonce;
  const std::string text = format_record(foreign);
  spill(temp.record(), text);
  EXPECT_NE(std::get<InstanceLock>(result).give_up(), std::nullopt);
  EXPECT_EQ(slurp(temp.record()), text);
  EXPECT_TRUE(owns(claim_in(temp)));  // the lock went all the same
}

TEST(Instance, GivingUpMarksTheRecordWhileTheLockIsStillHeld) {
  const TempDir temp;
  RelaySys sys(port::linux_sys());
  ClaimResult result = claim_in(sys, temp);
  ASSERT_TRUE(owns(result));
  int marks = 0;
  sys.before = [&](std::string_view call) {
    if (call == "renameat") {
      ++marks;
      EXPECT_TRUE(std::holds_alternative<Held>(probe_in(temp)));
    }
    return 0;
  };
  EXPECT_EQ(std::get<InstanceLock>(result).give_up(), std::nullopt);
  EXPECT_EQ(marks, 1);
}

TEST(Instance, AGarbageOrEmptyRecordDoesNotKeepAnybodyOut) {
  for (const char* text : {"", "garbage", "999999999999 solo1", "1\n"}) {
    const TempDir temp;
    spill(temp.record(), text);
    spill(temp.state() + "/web.record.new", text);
    EXPECT_TRUE(owns(claim_in(temp))) << text;
    EXPECT_TRUE(parse_record(slurp(temp.record())));
  }
}

TEST(Instance, ARecordThatNamesALiveStrangerDoesNotKeepAnybodyOut) {
  const TempDir temp;
  {
    ASSERT_TRUE(owns(claim_in(temp)));  // dropped: it names this live process, and nobody owns
  }
  EXPECT_TRUE(owns(claim_in(temp)));
}

TEST(Instance, TheLockFileKeepsItsInodeForEver) {
  const TempDir temp;
  struct stat first {};
  for (int i = 0; i < 3; ++i) {
    ClaimResult result = claim_in(temp);
    ASSERT_TRUE(owns(result));
    struct stat now {};
    ASSERT_EQ(::stat(temp.lock().c_str(), &now), 0);
    if (i == 0) first = now;
    EXPECT_EQ(now.st_ino, first.st_ino);
    std::get<InstanceLock>(result).give_up();
  }
}

TEST(Instance, TheDescriptorClosesOnExecAndIsNeverStdio) {
  const TempDir temp;
  {
    const ClaimResult result = claim_in(temp);
    ASSERT_TRUE(owns(result));
    EXPECT_NE(::fcntl(std::get<InstanceLock>(result).fd(), F_GETFD) & FD_CLOEXEC, 0);
  }
  Child child([&] {
    ::close(0);
    ::close(1);
    ::close(2);
    const ClaimResult result = claim_in(temp);
    if (!owns(result)) ::_exit(1);
    const int fd = std::get<InstanceLock>(result).fd();
    const bool free = ::fcntl(0, F_GETFD) < 0 && ::fcntl(1, F_GETFD) < 0 && ::fcntl(2, F_GETFD) < 0;
    ::_exit(fd >= 3 && free && (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 ? 0 : 2);
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST(Instance, OpeningAndClosingTheLockFileElsewhereInTheOwnerKeepsTheLock) {
  const TempDir temp;
  const ClaimResult result = claim_in(temp);
  ASSERT_TRUE(owns(result));
  ::close(::open(temp.lock().c_str(), O_RDWR | O_CLOEXEC));  // drops every lock of the old kind
  EXPECT_TRUE(is_busy(claim_in(temp)));
}

TEST(Instance, ALockFileReplacedBetweenOpenAndLockIsTriedAgain) {
  const TempDir temp;
  RelaySys sys(port::linux_sys());
  std::optional<ClaimResult> rival;
  sys.before = [&](std::string_view call) {
    if (call == "fcntl_lock" && !rival) {
      EXPECT_EQ(::unlink(temp.lock().c_str()), 0);
      rival.emplace(claim_in(temp));  // owns what the name reaches now
      EXPECT_TRUE(owns(*rival));
    }
    return 0;
  };
  const ClaimResult result = claim_in(sys, temp);
  EXPECT_TRUE(is_busy(result)) << why(result);
}

TEST(Instance, ALockFileReplacedAtEveryAttemptIsAnErrorAndNeverOwned) {
  const TempDir temp;
  RelaySys sys(port::linux_sys());
  int attempts = 0;
  sys.before = [&](std::string_view call) {
    if (call == "fcntl_lock") {
      ++attempts;
      EXPECT_EQ(::unlink(temp.lock().c_str()), 0);
      spill(temp.lock(), "");
    }
    return 0;
  };
  const std::size_t descriptors = open_descriptors();
  EXPECT_TRUE(is_error(claim_in(sys, temp)));
  EXPECT_EQ(attempts, kMaxAttempts);
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(Instance, ALockFileWithALooseModeIsMadePrivate) {
  const TempDir temp;
  spill(temp.lock(), "");
  ASSERT_EQ(::chmod(temp.lock().c_str(), 0666), 0);
  ASSERT_TRUE(owns(claim_in(temp)));
  struct stat info {};
  ASSERT_EQ(::stat(temp.lock().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST(Instance, ALoserTouchesNothing) {
  const TempDir temp;
  const ClaimResult owner = claim_in(temp);
  ASSERT_TRUE(owns(owner));
  RelaySys sys(port::linux_sys());
  sys.before = [](std::string_view call) {
    for (const char* writing : {"unlinkat", "renameat", "linkat", "symlinkat", "mkdirat", "write",
                                "pwrite", "ftruncate", "fchmod", "kill"}) {
      EXPECT_NE(call, writing);
    }
    return 0;
  };
  EXPECT_TRUE(is_busy(claim_in(sys, temp)));
}

}  // namespace
}  // namespace solo::testing
