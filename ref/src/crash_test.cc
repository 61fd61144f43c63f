// SPDX-License-Identifier: Apache-2.0
// Death before, between and after all calls of a claim and of giving up; and every call failing.
#include "testing.h"

namespace solo::testing {
namespace {

constexpr int kCrashed = 42;
constexpr int kCallsAtMost = 500;  // more than any claim makes; ends the loops below

enum class When { kBefore, kAfter };

// In a child: a whole life, claim to give_up, that ends by force at call `n`.
[[noreturn]] void live_until(const TempDir& temp, int n, When when) {
  RelaySys sys(port::linux_sys());
  int calls = 0;
  auto die = [&](std::string_view) {
    if (++calls == n) ::_exit(kCrashed);
    return 0;
  };
  (when == When::kBefore ? sys.before : sys.after) = die;
  ClaimResult result = claim_in(sys, temp);
  if (!owns(result)) ::_exit(1);
  ::_exit(std::get<InstanceLock>(result).give_up() ? 2 : 0);
}

// What must be true whenever nobody is inside: the record is whole, and the next one gets in.
void expect_recovered(const TempDir& temp, std::uint64_t generation_before) {
  std::uint64_t generation = generation_before;
  if (std::filesystem::exists(temp.record())) {
    const auto record = parse_record(slurp(temp.record()));
    ASSERT_TRUE(record) << slurp(temp.record());
    EXPECT_GE(record->generation, generation_before);
    generation = record->generation;
  }
  EXPECT_TRUE(std::holds_alternative<Free>(probe_in(temp)));
  ClaimResult next = claim_in(temp);
  ASSERT_TRUE(owns(next)) << why(next);
  EXPECT_EQ(std::get<InstanceLock>(next).record().generation, generation + 1);
  EXPECT_EQ(std::get<InstanceLock>(next).give_up(), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(temp.state() + "/web.record.new"));
}

// `used`: there was an owner before. Returns how many points of death there were.
int die_at_every_call(When when, bool used) {
  for (int n = 1; n < kCallsAtMost; ++n) {
    const TempDir temp;
    if (used) {
      ClaimResult before = claim_in(temp);
      EXPECT_TRUE(owns(before));
      EXPECT_FALSE(std::get<InstanceLock>(before).give_up());
    }
    Child child([&] { live_until(temp, n, when); });
    const int status = child.wait();
    expect_recovered(temp, used ? 1 : 0);
    if (status == 0) return n - 1;
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kCrashed) << "call " << n;
    if (::testing::Test::HasFailure()) return n;
  }
  ADD_FAILURE() << "never finished";
  return 0;
}

TEST(Crash, BeforeAnyCallTheRecordIsWholeAndTheNextOneGetsIn) {
  EXPECT_GT(die_at_every_call(When::kBefore, false), 30);
  EXPECT_GT(die_at_every_call(When::kBefore, true), 30);
}

TEST(Crash, AfterAnyCallTheRecordIsWholeAndTheNextOneGetsIn) {
  EXPECT_GT(die_at_every_call(When::kAfter, false), 30);
  EXPECT_GT(die_at_every_call(When::kAfter, true), 30);
}

// A lock that is said to be owned is held in the kernel's eyes too, and one that is not is free.
void expect_truthful(const ClaimResult& result, const TempDir& temp, const std::string& where) {
  const ClaimResult rival = claim_in(temp);
  EXPECT_EQ(owns(rival), !owns(result)) << where << ": " << why(result) << " / " << why(rival);
}

// Call `n` answers `error`, in place of the call or after it. False when there were fewer calls.
bool fail_at(int n, int error, When when, bool every_time) {
  const TempDir temp;
  const std::size_t descriptors = open_descriptors();
  RelaySys sys(port::linux_sys());
  int calls = 0;
  std::string where;
  auto fail = [&](std::string_view call) {
    const bool now = ++calls == n || (every_time && calls > n);
    if (calls == n) where = std::string(call) + " (call " + std::to_string(n) + ")";
    return now ? -error : 0;
  };
  // An answer "failed" from an open that made a descriptor is not one that Linux gives.
  auto fail_after = [&](std::string_view call) {
    return call == "openat" || call == "dup_above" ? 0 : fail(call);
  };
  {
    if (when == When::kBefore) {
      sys.before = fail;
    } else {
      sys.after = fail_after;
    }
    ClaimResult result = claim_in(sys, temp);
    expect_truthful(result, temp, where);
    EXPECT_FALSE(is_busy(result) && error != EAGAIN && error != EACCES) << where;
    if (owns(result)) {
      std::get<InstanceLock>(result).give_up();
      EXPECT_TRUE(owns(claim_in(temp))) << where << ": still held after give_up";
    }
  }
  EXPECT_EQ(open_descriptors(), descriptors) << where;
  return calls >= n && !::testing::Test::HasFailure();
}

TEST(FailingCalls, NoErrorAnywhereMakesTwoOwnersOrALeakOrAnUnlockedOwner) {
  for (const int error : {EIO, ENOSPC, EINTR, EMFILE, ENOLCK, ENOSYS, EPERM, EAGAIN, 4095}) {
    for (const When when : {When::kBefore, When::kAfter}) {
      for (const bool every_time : {false, true}) {
        int n = 1;
        while (n < kCallsAtMost && fail_at(n, error, when, every_time)) ++n;
        ASSERT_FALSE(HasFailure()) << "errno " << error;
        EXPECT_GT(n, every_time ? 1 : 30);
        EXPECT_LT(n, kCallsAtMost);
      }
    }
  }
}

TEST(FailingCalls, OnlyContentionOfTheLockCallMeansBusy) {
  for (const int error : {EAGAIN, EACCES}) {
    const TempDir temp;
    RelaySys sys(port::linux_sys());
    sys.before = [&](std::string_view call) { return call == "fcntl_lock" ? -error : 0; };
    EXPECT_TRUE(is_busy(claim_in(sys, temp)));
  }
  for (const int error : {ENOLCK, ENOSYS, EINVAL, EBADF, EDEADLK, EINTR, EOPNOTSUPP}) {
    const TempDir temp;
    RelaySys sys(port::linux_sys());
    sys.before = [&](std::string_view call) { return call == "fcntl_lock" ? -error : 0; };
    EXPECT_TRUE(is_error(claim_in(sys, temp))) << error;
    EXPECT_FALSE(std::filesystem::exists(temp.record()));
  }
}

TEST(FailingCalls, ARecordThatCannotBeClosedIsNotPublished) {
  const TempDir temp;
  RelaySys sys(port::linux_sys());
  bool written = false;
  sys.after = [&](std::string_view call) {
    written = written || call == "write";
    return call == "close" && written ? -ENOSPC : 0;
  };
  EXPECT_TRUE(is_error(claim_in(sys, temp)));
  EXPECT_FALSE(std::filesystem::exists(temp.record()));
}

TEST(FailingCalls, AShortWriteIsFinishedAndAnEmptyOneIsAnError) {
  class Slow : public RelaySys {
   public:
    using RelaySys::RelaySys;
    std::size_t at_most = 1;
    ssize_t write(int fd, const void* bytes, std::size_t size) override {
      return at_most == 0 ? 0 : RelaySys::write(fd, bytes, std::min(size, at_most));
    }
  };
  const TempDir temp;
  Slow sys(port::linux_sys());
  EXPECT_TRUE(owns(claim_in(sys, temp)));
  EXPECT_TRUE(parse_record(slurp(temp.record())));
  sys.at_most = 0;
  EXPECT_TRUE(is_error(claim_in(sys, temp)));
}

}  // namespace
}  // namespace solo::testing
