// SPDX-License-Identifier: Apache-2.0
// Launchers, among real processes.
#include "solo/launch.h"

#include <csignal>
#include <list>

#include "lock_parts.h"
#include "testing.h"

namespace solo::testing {
namespace {

constexpr EnsureOptions kPatient{{600, 50}, {600, 50}, 30'000};
constexpr EnsureOptions kHurried{{1, 1}, {1, 1}, 30'000};

StateDir open_dir(const TempDir& temp) {
  return StateDir::open(port::linux_sys(), temp.state(), StateDir::IfMissing::kFail).value();
}

ClaimResult claim_by_itself(const TempDir& temp) {
  ClaimOptions options;
  options.managed = Managed::kAuto;
  return claim_in(port::linux_sys(), temp, options);
}

// An instance: its exit status, if it does not own or must not serve; else it stays.
int serve(const TempDir& temp) {
  ClaimResult result = claim_by_itself(temp);
  if (std::holds_alternative<Stopping>(result)) return 3;
  if (!owns(result)) return 1;
  if (!std::get<InstanceLock>(result).become_ready().value()) return 2;
  for (;;) ::pause();
}

int never_ready(const TempDir& temp) {
  const ClaimResult result = claim_by_itself(temp);
  for (;;) ::pause();
}

EnsureResult ensure_in(const TempDir& temp, const std::function<int()>& instance,
                       const EnsureOptions& options = kPatient,
                       port::Sys& sys = port::linux_sys()) {
  return ensure(sys, open_dir(temp), web(), instance, options);
}
EnsureResult ensure_serving(const TempDir& temp) {
  return ensure_in(temp, [&] { return serve(temp); });
}

pid_t owner_of(const TempDir& temp) {
  const ProbeResult seen = probe_in(temp);
  const Held* const held = std::get_if<Held>(&seen);
  return held != nullptr && held->holder ? held->holder->pid : 0;
}

std::string why(const EnsureResult& result) {
  const Error* const error = std::get_if<Error>(&result);
  return error != nullptr ? error->describe() : "no error";
}

// Ends what a test has started, and reaps it where it is our child.
class CleanUp {
 public:
  explicit CleanUp(const TempDir& temp) : temp_(temp) {}
  ~CleanUp() { stop(port::linux_sys(), open_dir(temp_), web(), {30'000, {}}); }

 private:
  Orphanage orphans_;
  const TempDir& temp_;
};

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

// A kernel that tells of each fork.
class ForkSys : public RelaySys {
 public:
  ForkSys() : RelaySys(port::linux_sys()) {}
  pid_t fork() override {
    ++forks;
    return next().fork();
  }
  int forks = 0;
};

// A kernel in which nothing is waited for until the first fork, and that tells of the first wait.
class HurriedSys : public ForkSys {
 public:
  explicit HurriedSys(std::function<void()> waits) : waits_(std::move(waits)) {}
  int sleep(std::int64_t ns) override {
    if (waits_) std::exchange(waits_, nullptr)();
    return forks > 0 ? ForkSys::sleep(ns) : 0;
  }

 private:
  std::function<void()> waits_;
};

TEST(Ensure, StartsOneAndTakesItAsItIsFromThenOn) {
  const TempDir temp;
  const CleanUp end(temp);
  const EnsureResult first = ensure_serving(temp);
  ASSERT_TRUE(std::holds_alternative<Ready>(first)) << why(first);
  const pid_t started = std::get<Ready>(first).started;
  EXPECT_GT(started, 0);
  ASSERT_TRUE(std::get<Ready>(first).record);
  EXPECT_EQ(std::get<Ready>(first).record->pid, started);
  EXPECT_EQ(::getsid(started), started);

  const EnsureResult second = ensure_serving(temp);
  ASSERT_TRUE(std::holds_alternative<Ready>(second)) << why(second);
  EXPECT_EQ(std::get<Ready>(second).started, 0);
  EXPECT_EQ(std::get<Ready>(second).record->pid, started);
}

TEST(Ensure, OfManyAtOnceLeavesOneInstanceAndTellsAllOfThatOne) {
  const TempDir temp;
  const CleanUp end(temp);
  constexpr int kLaunchers = 20;
  const Pipe go;
  std::list<Child> launchers;
  for (int i = 0; i < kLaunchers; ++i) {
    launchers.emplace_back([&] {
      go.receive();
      const EnsureResult result = ensure_serving(temp);
      const Ready* const ready = std::get_if<Ready>(&result);
      const bool good = ready != nullptr && ready->record && ready->record->pid == owner_of(temp);
      ::_exit(!good ? 1 : ready->started != 0 ? 10 : 0);
    });
  }
  for (int i = 0; i < kLaunchers; ++i) go.send('g');
  std::map<int, int> count;
  for (Child& launcher : launchers) ++count[WEXITSTATUS(launcher.wait())];
  EXPECT_EQ(count[10], 1) << "one has started it";
  EXPECT_EQ(count[0], kLaunchers - 1);
}

TEST(Ensure, ThatFailsSaysWhyAndLeavesNothingBehind) {
  const TempDir temp;
  const EnsureResult ended = ensure_in(temp, [] { return 7; });
  EXPECT_EQ(why(ended), "web ended with 7 before it was ready");
  const EnsureResult late = ensure_in(
      temp, [&] { return never_ready(temp); }, kHurried);
  EXPECT_EQ(why(late), "web was started and did not get ready in time");
  EXPECT_FALSE(has_children());
  EXPECT_TRUE(std::holds_alternative<Free>(probe_in(temp)));
}

TEST(Ensure, EndsAnInstanceThatWasStartedByItselfAndNeverGotReady) {
  const TempDir temp;
  const CleanUp end(temp);
  const Pipe said;
  Child stuck([&] {
    const ClaimResult result = claim_by_itself(temp);
    said.send(owns(result) ? 'o' : 'e');
    for (;;) ::pause();
  });
  ASSERT_EQ(said.receive(), 'o');
  EnsureOptions options = kPatient;
  options.ready = {0, 0};
  // The first look at the new one comes at once: then it is given up on, and the next ensure's.
  ensure_in(
      temp, [&] { return serve(temp); }, options);
  EXPECT_EQ(WTERMSIG(stuck.wait()), SIGTERM);
  const EnsureResult after = ensure_serving(temp);
  ASSERT_TRUE(std::holds_alternative<Ready>(after)) << why(after);
}

TEST(Ensure, SparesWhatAUserStartedAndDoesNotKeepItFromGettingReady) {
  const TempDir temp;
  const Pipe said, told;
  Child owner([&] {
    ClaimResult result = claim_in(temp);
    said.send(owns(result) ? 'o' : 'e');
    told.receive();
    said.send(std::get<InstanceLock>(result).become_ready().value() ? 'r' : 'n');
    for (;;) ::pause();
  });
  ASSERT_EQ(said.receive(), 'o');
  const EnsureResult result = ensure_in(
      temp, [&] { return serve(temp); }, kHurried);
  EXPECT_EQ(why(result), "web (pid " + std::to_string(owner.pid()) +
                             ") is not ready, and was started by a user");
  told.send('r');
  EXPECT_EQ(said.receive(), 'r');
  const EnsureResult after = ensure_serving(temp);
  EXPECT_EQ(std::get<Ready>(after).record->pid, owner.pid());
}

TEST(Ensure, StartsNothingWhileAStopIsUnderWay) {
  const TempDir temp;
  { ASSERT_TRUE(owns(claim_in(temp))); }
  const StateDir dir = open_dir(temp);
  const Name name = web();
  const auto stopping = Stop::announce(port::linux_sys(), dir, name);
  ASSERT_TRUE(stopping.ok() && stopping.value());
  ForkSys sys;
  EXPECT_TRUE(std::holds_alternative<Stopping>(ensure_in(
      temp, [&] { return serve(temp); }, kHurried, sys)));
  EXPECT_EQ(sys.forks, 0);
}

TEST(Ensure, WhoseInstanceMeetsAStopMakesWayForIt) {
  const TempDir temp;
  { ASSERT_TRUE(owns(claim_in(temp))); }
  const StateDir dir = open_dir(temp);
  const Name name = web();
  class StopAtFork : public RelaySys {
   public:
    explicit StopAtFork(std::function<void()> act)
        : RelaySys(port::linux_sys()), act_(std::move(act)) {}
    pid_t fork() override {
      act_();
      return next().fork();
    }

   private:
    std::function<void()> act_;
  };
  std::optional<Stop> stopping;
  StopAtFork sys([&] { stopping = Stop::announce(port::linux_sys(), dir, name).value(); });
  EXPECT_TRUE(std::holds_alternative<Stopping>(ensure_in(
      temp, [&] { return serve(temp); }, kPatient, sys)));
  EXPECT_FALSE(has_children());
}

TEST(Ensure, ThatIsKilledAfterTheForkLeavesATrackedInstance) {
  const TempDir temp;
  const CleanUp end(temp);
  const Pipe said;
  Child launcher([&] {
    class Dies : public RelaySys {
     public:
      using RelaySys::RelaySys;
      pid_t fork() override {
        const pid_t child = next().fork();
        if (child != 0) ::kill(::getpid(), SIGKILL);
        return child;
      }
    };
    Dies dies(port::linux_sys());
    ensure_in(
        temp,
        [&]() -> int {
          ClaimResult result = claim_by_itself(temp);
          const bool good = owns(result) && std::get<InstanceLock>(result).become_ready().value();
          said.send(good ? 'r' : 'e');
          for (;;) ::pause();
        },
        kPatient, dies);
  });
  EXPECT_EQ(WTERMSIG(launcher.wait()), SIGKILL);
  ASSERT_EQ(said.receive(), 'r');
  const pid_t instance = owner_of(temp);
  EXPECT_GT(instance, 0);
  const EnsureResult next = ensure_serving(temp);
  ASSERT_TRUE(std::holds_alternative<Ready>(next)) << why(next);
  EXPECT_EQ(std::get<Ready>(next).record->pid, instance);
}

// Dies at one call, whether it is the launcher or its child that makes it: they count apart from
// the fork on.
class DyingSys : public RelaySys {
 public:
  explicit DyingSys(int last) : RelaySys(port::linux_sys()) {
    before = [this, last](std::string_view) {
      if (++calls_ == last) ::kill(::getpid(), SIGKILL);
      return 0;
    };
  }

 private:
  int calls_ = 0;
};

TEST(Ensure, ThatIsKilledAtAnyCallLeavesNothingThatTheNextOneDoesNotFind) {
  constexpr int kMoreThanItMakes = 300;
  constexpr EnsureOptions kQuick{{30'000, 1}, {30'000, 1}, 30'000};
  bool came_to_its_end = false;
  for (int last = 1; last < kMoreThanItMakes && !came_to_its_end; ++last) {
    const TempDir temp;
    const CleanUp end(temp);
    Child launcher([&] {
      DyingSys sys(last);
      const auto instance = [&] {
        ClaimOptions options;
        options.managed = Managed::kAuto;
        ClaimResult result = claim_in(sys, temp, options);
        if (!owns(result) || !std::get<InstanceLock>(result).become_ready().value()) return 1;
        for (;;) ::pause();
      };
      const EnsureResult result = ensure_in(temp, instance, kQuick, sys);
      ::_exit(std::holds_alternative<Ready>(result) ? 0 : 1);
    });
    const int status = launcher.wait();
    came_to_its_end = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    const EnsureResult next = ensure_in(
        temp, [&] { return serve(temp); }, kQuick);
    ASSERT_TRUE(std::holds_alternative<Ready>(next)) << "call " << last << ": " << why(next);
    ASSERT_TRUE(std::get<Ready>(next).record) << last;
    EXPECT_EQ(std::get<Ready>(next).record->pid, owner_of(temp)) << last;
    EXPECT_TRUE(parse_record(slurp(temp.record()))) << last;
  }
  EXPECT_TRUE(came_to_its_end);
}

// The precondition of a server asks for the server: started by a user, and by a launcher.
TEST(Ensure, OfAnInstanceForItselfIsRefusedAtOnce) {
  const TempDir temp;
  const CleanUp end(temp);
  const auto asks_in_a_child = [&] {
    Child child([&] {
      const EnsureResult result = ensure_serving(temp);
      ::_exit(why(result).ends_with("is not ready, and this process is a part of it") ? 0 : 1);
    });
    return child.wait();
  };
  Child by_user([&] {
    const ClaimResult lock = claim_in(port::linux_sys(), temp);
    ::_exit(owns(lock) ? WEXITSTATUS(asks_in_a_child()) : 2);
  });
  EXPECT_EQ(WEXITSTATUS(by_user.wait()), 0);

  const EnsureResult result = ensure_in(temp, [&] {
    const ClaimResult lock = claim_by_itself(temp);
    return owns(lock) ? 40 + WEXITSTATUS(asks_in_a_child()) : 2;
  });
  EXPECT_EQ(why(result), "web ended with 40 before it was ready");
}

TEST(Ensure, WaitsForAnotherLauncherLongerThanThatOneTakes) {
  const EnsureOptions usual;
  const auto ms = [](const Patience& patience) {
    return static_cast<int>(patience.rounds) * patience.round_ms;
  };
  EXPECT_GE(ms(usual.others), 2 * ms(usual.ready) + 2 * usual.grace_ms);
}

// While one ends an instance that does not end at once, it keeps the launcher's lock.
TEST(Ensure, TellsWhoComesMeanwhileOfTheInstanceThatFollows) {
  const TempDir temp;
  const CleanUp end(temp);
  const Pipe said, told;
  Child stuck([&] {
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    const ClaimResult result = claim_by_itself(temp);
    said.send(owns(result) ? 'o' : 'e');
    int signal = 0;
    ::sigwait(&term, &signal);
    said.send('t');
    told.receive();
    ::_exit(0);
  });
  ASSERT_EQ(said.receive(), 'o');
  EnsureOptions options = kPatient;
  options.grace_ms = 60'000;
  const auto launch = [&](port::Sys& sys) {
    const EnsureResult result = ensure_in(
        temp, [&] { return serve(temp); }, options, sys);
    const Ready* const ready = std::get_if<Ready>(&result);
    const bool good = ready != nullptr && ready->record && ready->record->pid == owner_of(temp);
    ::_exit(!good ? 1 : ready->started != 0 ? 10 : 0);
  };
  Child first([&] {
    HurriedSys sys([] {});
    launch(sys);
  });
  ASSERT_EQ(said.receive(), 't');
  Child second([&] {
    HurriedSys sys([&] { said.send('w'); });
    sys.forks = 1;  // each wait takes its time
    launch(sys);
  });
  EXPECT_EQ(said.receive(), 'w');
  told.send('g');
  EXPECT_EQ(WEXITSTATUS(first.wait()), 10);
  EXPECT_EQ(WEXITSTATUS(second.wait()), 0);
  EXPECT_EQ(WEXITSTATUS(stuck.wait()), 0);
}

TEST(Ensure, WaitsForAnotherLauncherAndNeverGoesOnWithoutTheLock) {
  const TempDir temp;
  { ASSERT_TRUE(owns(claim_in(temp))); }
  const Fd other(port::linux_sys(), ::open(temp.lock().c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(take_part(port::linux_sys(), other.get(), Part::kLauncher, As::kWriter), 1);
  ForkSys sys;
  const EnsureResult result = ensure_in(
      temp, [&] { return serve(temp); }, kHurried, sys);
  EXPECT_EQ(why(result), "another launcher of web does not come to an end");
  EXPECT_EQ(sys.forks, 0);
}

}  // namespace
}  // namespace solo::testing
