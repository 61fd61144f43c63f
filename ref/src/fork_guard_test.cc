// SPDX-License-Identifier: Apache-2.0
#include "solo/fork_guard.h"

#include <optional>
#include <vector>

#include "testing.h"

namespace solo::testing {
namespace {

// In a child: owns, forks a child that never execs, and both stay. The grandchild is found by what
// it says, and ends when nobody listens to `life` any more.
[[noreturn]] void own_and_fork(const TempDir& temp, const Pipe& said, Pipe& life, bool guarded) {
  ClaimResult result = claim_in(temp);
  if (!owns(result)) ::_exit(1);
  std::optional<Result<ForkGuard>> guard;
  if (guarded) guard.emplace(ForkGuard::watch(std::get<InstanceLock>(result).fd()));
  if (::fork() == 0) {
    life.close_writer();
    said.send('c');
    life.receive();
    ::_exit(0);
  }
  for (;;) ::pause();
}

// The owner is dead and reaped, its forked child alive: does the next one get in?
bool next_gets_in(bool guarded) {
  const TempDir temp;
  const Pipe said;
  Pipe life;
  Child owner([&] { own_and_fork(temp, said, life, guarded); });
  EXPECT_EQ(said.receive(), 'c');
  EXPECT_TRUE(is_busy(claim_in(temp)));  // the child's close took nothing from its parent
  owner.kill_and_reap();
  return owns(claim_in(temp));
}

TEST(ForkGuard, TheLockDiesWithItsOwnerThoughAForkedChildLives) { EXPECT_TRUE(next_gets_in(true)); }

TEST(ForkGuard, WithoutItAForkedChildKeepsTheLock) { EXPECT_FALSE(next_gets_in(false)); }

TEST(ForkGuard, ClosesNoStrangerThatGotTheNumber) {
  const TempDir temp;
  ClaimResult result = claim_in(temp);
  ASSERT_TRUE(owns(result));
  InstanceLock& lock = std::get<InstanceLock>(result);
  const int fd = lock.fd();
  const auto guard = ForkGuard::watch(fd);
  ASSERT_TRUE(guard.ok());
  lock.give_up();
  ASSERT_EQ(::dup2(STDERR_FILENO, fd), fd);
  Child child([&] { ::_exit(::fcntl(fd, F_GETFD) >= 0 ? 0 : 1); });
  EXPECT_EQ(child.wait(), 0);
  ::close(fd);
}

TEST(ForkGuard, ACopyOfTheLockInAChildDoesNothingWhenItIsGivenUpOrDropped) {
  const TempDir temp;
  std::optional<ClaimResult> result(claim_in(temp));
  ASSERT_TRUE(owns(*result));
  const std::string record = slurp(temp.record());
  Child child([&] {
    std::get<InstanceLock>(*result).give_up();
    result.reset();
    ::_exit(0);
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(slurp(temp.record()), record);
  EXPECT_TRUE(is_busy(claim_in(temp)));
}

TEST(ForkGuard, WatchesOnlySoManyAndFreesTheirPlaces) {
  for (int round = 0; round < 2; ++round) {
    std::vector<ForkGuard> guards;
    for (std::size_t i = 0; i < ForkGuard::kMaxWatched; ++i) {
      auto guard = ForkGuard::watch(STDERR_FILENO);
      ASSERT_TRUE(guard.ok());
      guards.push_back(std::move(guard).value());
    }
    EXPECT_FALSE(ForkGuard::watch(STDERR_FILENO).ok());
  }
  EXPECT_FALSE(ForkGuard::watch(-1).ok());
}

}  // namespace
}  // namespace solo::testing
