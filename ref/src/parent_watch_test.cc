// SPDX-License-Identifier: Apache-2.0
#include "solo/parent_watch.h"

#include "solo/process.h"
#include "testing.h"

namespace solo::testing {
namespace {

bool tells_of_the_end(const ParentWatch& watch, int time_ms) {
  pollfd ended{watch.fd(), POLLIN, 0};
  return ::poll(&ended, 1, time_ms) == 1;
}

std::uint64_t start_of(pid_t pid) {
  return parse_proc_stat(slurp("/proc/" + std::to_string(pid) + "/stat"))->start_ticks;
}

class Idle {
 public:
  Idle()
      : child_([] {
          for (;;) ::pause();
        }) {}
  Child& child() { return child_; }

 private:
  Child child_;
};

TEST(ParentWatch, TellsOfTheEndOfTheProcessThatWasHandedOver) {
  Idle parent;
  const pid_t pid = parent.child().pid();
  const auto watch = ParentWatch::begin(port::linux_sys(), ParentIdentity{pid, start_of(pid)});
  ASSERT_TRUE(watch.ok()) << watch.error().describe();
  EXPECT_FALSE(tells_of_the_end(watch.value(), 0));
  parent.child().kill_and_reap();
  EXPECT_TRUE(tells_of_the_end(watch.value(), 30'000));
}

TEST(ParentWatch, WatchesTheParentWhenNobodyIsHandedOver) {
  const auto watch = ParentWatch::begin(port::linux_sys(), std::nullopt);
  ASSERT_TRUE(watch.ok()) << watch.error().describe();
  EXPECT_FALSE(tells_of_the_end(watch.value(), 0));
}

TEST(ParentWatch, OfWhoHasEndedIsRefused) {
  pid_t pid = 0;
  {
    Idle parent;
    pid = parent.child().pid();
  }
  const auto watch = ParentWatch::begin(port::linux_sys(), ParentIdentity{pid, {}});
  ASSERT_FALSE(watch.ok());
  EXPECT_EQ(watch.error().code, ESRCH);
  EXPECT_EQ(watch.error().what, "the parent has ended already");
}

TEST(ParentWatch, OfWhoHasThePidByNowIsRefused) {
  Idle stranger;
  const pid_t pid = stranger.child().pid();
  EXPECT_FALSE(ParentWatch::begin(port::linux_sys(), ParentIdentity{pid, start_of(pid) - 1}).ok());
}

TEST(ParentWatch, OfAnOrphanIsRefused) {
  class Orphan : public RelaySys {
   public:
    using RelaySys::RelaySys;
    pid_t getppid() override { return 1; }
  };
  Orphan sys(port::linux_sys());
  const auto watch = ParentWatch::begin(sys, std::nullopt);
  ASSERT_FALSE(watch.ok());
  EXPECT_EQ(watch.error().what, "the parent has ended already");
}

}  // namespace
}  // namespace solo::testing
