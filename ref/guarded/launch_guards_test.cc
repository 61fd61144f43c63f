// SPDX-License-Identifier: Apache-2.0
// Witnesses of the guards of launchers, and of who depends on a parent.
#include <sstream>

#include "solo/launch.h"
#include "solo/parent_watch.h"
#include "witness.h"

namespace solo::testing {

namespace {

// A kernel that counts forks, and calls `at` before a part of the lock file is locked.
class LaunchSys : public RelaySys {
 public:
  using RelaySys::RelaySys;
  pid_t fork() override {
    ++forks;
    return next().fork();
  }
  int fcntl_lock(int fd, int command, struct flock* lock) override {
    if (command == F_OFD_SETLK && lock->l_start == static_cast<off_t>(at_part) && at) {
      std::exchange(at, nullptr)();
    }
    return RelaySys::fcntl_lock(fd, command, lock);
  }
  int forks = 0;
  Part at_part = Part::kOwner;
  std::function<void()> at;
};

EnsureResult ensure_over(Scene& scene, port::Sys& kernel, const std::function<int()>& instance,
                         const Patience& patience = {0, 0}) {
  const StateDir dir = scene.state_dir();
  return scene.over(kernel, [&](port::Sys& sys) {
    return ensure(sys, dir, web(), instance, {patience, patience, 30'000});
  });
}

// All children that are left, killed and reaped; how many.
int end_children() {
  int ended = 0;
  siginfo_t info{};
  for (;; ++ended) {
    const std::string path = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
    std::istringstream children(slurp(path));
    pid_t child = 0;
    if (!(children >> child)) return ended;
    ::kill(child, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED);
  }
}

}  // namespace

bool one_launcher(Scene& scene) {
  const Fd other = hold_part(scene, Part::kLauncher, As::kWriter);
  LaunchSys sys(port::linux_sys());
  ensure_over(scene, sys, [] { return 0; });
  end_children();
  return sys.forks == 0;
}

bool looked_again(Scene& scene) {
  std::optional<ClaimResult> other;
  LaunchSys sys(port::linux_sys());
  sys.at_part = Part::kLauncher;
  sys.at = [&] {
    other.emplace(claim_in(scene.temp));
    EXPECT_TRUE(lock_of(*other).become_ready().ok());
  };
  ensure_over(scene, sys, [] { return 0; });
  end_children();
  return sys.forks == 0;
}

bool stop_asked_first(Scene& scene) {
  const Fd stopper = hold_part(scene, Part::kStop, As::kReader);
  LaunchSys sys(port::linux_sys());
  ensure_over(scene, sys, [] { return 0; });
  end_children();
  return sys.forks == 0;
}

namespace {

ClaimResult claim_by_itself(Scene& scene) {
  ClaimOptions options;
  options.managed = Managed::kAuto;
  return claim_in(port::linux_sys(), scene.temp, options);
}

}  // namespace

bool last_look(Scene& scene) {
  const Pipe said, told;
  LaunchSys sys(port::linux_sys());
  sys.at_part = Part::kReady;
  sys.at = [&] {
    told.send('r');
    EXPECT_EQ(said.receive(), 'r');
  };
  const EnsureResult result = ensure_over(scene, sys, [&] {
    ClaimResult claimed = claim_by_itself(scene);
    told.receive();
    EXPECT_TRUE(lock_of(claimed).become_ready().ok());
    said.send('r');
    for (;;) ::pause();
    return 0;
  });
  end_children();
  return std::holds_alternative<Ready>(result);
}

bool only_automatic(Scene& scene) {
  const Pipe said;
  Child owner([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  bool signalled = false;
  scene.relay.before = [&](std::string_view call) {
    signalled = signalled || call == "pidfd_send_signal";
    return call == "pidfd_send_signal" ? -EPERM : 0;
  };
  ensure_over(scene, scene.relay, [] { return 0; });
  return !signalled;
}

bool not_itself(Scene& scene) {
  Child instance([&] {
    const ClaimResult claimed = claim_by_itself(scene);
    bool signalled = false;
    scene.relay.before = [&](std::string_view call) {
      signalled = signalled || call == "pidfd_send_signal";
      return call == "pidfd_send_signal" ? -EPERM : 0;
    };
    ensure_over(scene, scene.relay, [] { return 0; }, {1, 0});
    ::_exit(owns(claimed) && !signalled ? 0 : 1);
  });
  return instance.wait() == 0;
}

bool reaped(Scene& scene) {
  LaunchSys sys(port::linux_sys());
  ensure_over(scene, sys, [] {
    for (;;) ::pause();
    return 0;
  });
  return end_children() == 0;
}

bool parent_pinned(Scene& scene) {
  const Pipe said;
  Child stranger([&] { claim_and_stay(scene.temp, said); });
  EXPECT_EQ(said.receive(), 'o');
  const std::uint64_t start = parse_record(slurp(scene.temp.record()))->start_ticks;
  return !ParentWatch::begin(scene.sys(), ParentIdentity{stranger.pid(), start - 1}).ok();
}

}  // namespace solo::testing
